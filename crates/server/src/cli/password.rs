//! A new password for the command line: from stdin for scripts, else asked twice on a terminal.
//!
//! It is never an argument, because every user of the machine can read those. From stdin counts
//! the first line without its line end; blanks in it count. Which passwords are good enough is
//! decided in the wiki crate.

use std::io::{self, BufRead, Read};

use super::Refusal;

/// More than any password may have; the rest of a larger line is not even read.
const MOST_BYTES: u64 = 64 * 1024;

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordSource {
    /// The first line of stdin.
    Stdin,
    /// Asked twice.
    Terminal,
}

impl PasswordSource {
    /// What `--password-stdin` says.
    pub(crate) fn from_flag(password_stdin: bool) -> PasswordSource {
        if password_stdin {
            PasswordSource::Stdin
        } else {
            PasswordSource::Terminal
        }
    }

    /// Reads the password.
    ///
    /// # Errors
    /// * Stdin is empty or no UTF-8; there is no terminal; the two answers differ.
    pub(crate) fn read(self) -> Result<String, Refusal> {
        match self {
            PasswordSource::Stdin => first_line(&mut io::stdin().lock()),
            PasswordSource::Terminal => ask_twice(|prompt| rpassword::prompt_password(prompt)),
        }
    }
}

fn first_line(input: &mut impl BufRead) -> Result<String, Refusal> {
    let mut line = Vec::new();
    if input.take(MOST_BYTES).read_until(b'\n', &mut line)? == 0 {
        return Err(Refusal::new("there is no password on stdin"));
    }
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    String::from_utf8(line).map_err(|_| Refusal::new("the password on stdin is no UTF-8"))
}

fn ask_twice(mut ask: impl FnMut(&str) -> io::Result<String>) -> Result<String, Refusal> {
    let no_terminal = |error| {
        Refusal::new(format!(
            "the password cannot be asked for ({error}); give it with --password-stdin"
        ))
    };
    let first = ask("New password: ").map_err(no_terminal)?;
    let second = ask("Once more: ").map_err(no_terminal)?;
    if first != second {
        return Err(Refusal::new("the two passwords differ; nothing was changed"));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(mut bytes: &[u8]) -> Result<String, Refusal> {
        first_line(&mut bytes)
    }

    fn asked(answers: [&str; 2]) -> Result<String, Refusal> {
        let mut answers = answers.into_iter();
        ask_twice(|_| {
            answers
                .next()
                .map(str::to_owned)
                .ok_or_else(|| io::Error::other("asked too often"))
        })
    }

    #[test]
    fn the_first_line_counts_without_its_end() {
        assert_eq!(
            line_of(b"correct horse\nsecond line\n"),
            Ok("correct horse".to_owned())
        );
        assert_eq!(line_of(b"correct horse\r\n"), Ok("correct horse".to_owned()));
        assert_eq!(line_of(b"correct horse"), Ok("correct horse".to_owned()));
    }

    #[test]
    fn blanks_and_a_return_inside_belong_to_the_password() {
        assert_eq!(line_of(b"  two words \n"), Ok("  two words ".to_owned()));
        assert_eq!(line_of(b"a\rb\n"), Ok("a\rb".to_owned()));
    }

    #[test]
    fn an_empty_line_is_an_empty_password_and_no_line_is_none() {
        assert_eq!(line_of(b"\nx"), Ok(String::new()));
        assert!(line_of(b"").is_err());
    }

    #[test]
    fn what_is_no_text_is_refused_and_an_endless_line_is_cut() {
        assert!(line_of(b"\xff\xfe\n").is_err());
        assert_eq!(
            line_of(&vec![b'x'; 200_000]).map(|line| line.len()),
            Ok(64 * 1024)
        );
    }

    #[test]
    fn a_terminal_is_asked_twice() {
        assert_eq!(
            asked(["correct horse", "correct horse"]),
            Ok("correct horse".to_owned())
        );
        assert!(asked(["correct horse", "correct house"]).is_err());
    }

    #[test]
    fn without_a_terminal_the_way_out_is_named() {
        let refused = ask_twice(|_| Err(io::Error::other("no tty"))).unwrap_err();
        assert!(refused.to_string().contains("--password-stdin"));
    }
}
