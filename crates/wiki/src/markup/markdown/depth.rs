//! Keeps quotes and lists from being nested without end in one line.
//!
//! `> > > >…` a hundred thousand deep, followed by a hundred thousand short lines, makes a Markdown
//! parser compare every line with every level: minutes for one page. Past [`MOST`] markers in a
//! line the next one is taken as text.

/// Quote and list markers at the beginning of one line that mean something.
pub const MOST: usize = 20;

/// Where in `source` a marker stands that is one too many, in order; one place for each such line.
pub fn surplus_markers(source: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive(['\n', '\r']) {
        // Twenty markers take more than twenty bytes; hardly any line comes further than this.
        if line.len() > MOST
            && let Some(offset) = surplus_in(line)
        {
            places.push(start + offset);
        }
        start += line.len();
    }
    places
}

/// A copy of `source` of the same length in which those markers are letters.
pub fn without(source: &str, surplus: &[usize]) -> String {
    let mut copy = String::with_capacity(source.len());
    let mut copied = 0;
    for place in surplus {
        copy.push_str(source.get(copied..*place).unwrap_or_default());
        copy.push('x');
        copied = place + 1;
    }
    copy.push_str(source.get(copied..).unwrap_or_default());
    copy
}

fn surplus_in(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    let mut markers = 0;
    loop {
        at += bytes
            .get(at..)?
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let length = marker(bytes.get(at..)?)?;
        if markers == MOST {
            return (!is_rule(line.get(at..)?)).then_some(at + length - 1);
        }
        markers += 1;
        at += length;
    }
}

/// The length of the marker with which `rest` begins.
fn marker(rest: &[u8]) -> Option<usize> {
    let blank = |at: usize| matches!(rest.get(at), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
    match rest.first()? {
        b'>' => Some(1),
        b'-' | b'+' | b'*' | b':' if blank(1) => Some(1),
        b'0'..=b'9' => {
            let digits = rest
                .iter()
                .take(10)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let closed = matches!(rest.get(digits), Some(b'.' | b')'));
            (digits < 10 && closed && blank(digits + 1)).then_some(digits + 1)
        }
        _ => None,
    }
}

/// `* * * * …` is a line across the page and nests nothing.
fn is_rule(rest: &str) -> bool {
    let Some(first) = rest.chars().next().filter(|c| matches!(c, '*' | '-')) else {
        return false;
    };
    rest.chars().all(|c| c == first || c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_after_the_last_allowed_one_is_surplus() {
        for marker in ["> ", ">", "- ", "* > ", "1. ", "12) "] {
            let one_too_many = marker.repeat(MOST + 1);
            let allowed = marker.repeat(MOST / marker.split_whitespace().count());
            assert!(surplus_markers(&allowed).is_empty(), "{marker}");
            assert_eq!(
                surplus_markers(&format!("a\n{one_too_many}a\nb")).len(),
                1,
                "{marker}"
            );
        }
        assert_eq!(surplus_markers(&">".repeat(30)), [MOST]);
        assert_eq!(
            surplus_markers(&"1. ".repeat(30)),
            [MOST * 3 + 1],
            "the dot, not the digit"
        );
    }

    #[test]
    fn a_rule_of_many_signs_stays_one() {
        assert!(surplus_markers(&"* ".repeat(40)).is_empty());
        assert!(surplus_markers(&format!("> {}", "- ".repeat(40))).is_empty());
        assert!(surplus_markers(&"-".repeat(200)).is_empty());
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let line = ">".repeat(25);
        assert_eq!(
            surplus_markers(&format!("{line}\r\n{line}\r{line}")),
            [20, 47, 73]
        );
    }

    #[test]
    fn the_copy_has_the_same_length() {
        let source = format!("ä\n{}ö", "> ".repeat(30));
        let copy = without(&source, &surplus_markers(&source));
        assert_eq!(copy.len(), source.len());
        assert!(surplus_markers(&copy).is_empty());
        assert!(copy.ends_with('ö'));
    }
}
