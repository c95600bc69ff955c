//! What kind of file an attachment is: by its bytes, never by its name, which whoever uploads chooses.
//!
//! A browser is only ever shown what stands in [`Shows`]; everything else is saved to disk. What looks like HTML,
//! XML or SVG is called so, and then is nothing to show. Start at [`Sniffer`].

use super::file_name::FileName;
use super::utf8::Utf8Check;

/// So many bytes at the beginning tell the kind.
const HEAD: usize = 8 * 1024;

/// Looks at the bytes of a file as they come by.
#[derive(Default)]
pub struct Sniffer {
    head: Vec<u8>,
    text: Utf8Check,
}

/// How a file can be shown on a page without danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// As a picture.
    Picture,
    /// As sound with a player.
    Sound,
    /// As a film with a player.
    Film,
    /// As plain text.
    Text,
    /// Not at all: it can only be saved.
    Nothing,
}

/// The kinds that browsers show by themselves and in which no script runs.
const SHOWN: &[(&str, Shows)] = &[
    ("image/png", Shows::Picture),
    ("image/jpeg", Shows::Picture),
    ("image/gif", Shows::Picture),
    ("image/webp", Shows::Picture),
    ("image/avif", Shows::Picture),
    ("audio/mpeg", Shows::Sound),
    ("audio/ogg", Shows::Sound),
    ("audio/opus", Shows::Sound),
    ("audio/x-wav", Shows::Sound),
    ("audio/x-flac", Shows::Sound),
    ("audio/m4a", Shows::Sound),
    ("video/mp4", Shows::Film),
    ("video/webm", Shows::Film),
    ("text/plain", Shows::Text),
];

impl Shows {
    /// How a file of this media type can be shown.
    pub fn of(media_type: &str) -> Shows {
        let found = SHOWN.iter().find(|(known, _)| *known == media_type);
        found.map_or(Shows::Nothing, |(_, shows)| *shows)
    }

    /// How a file can be shown if it is what the end of its name says.
    pub fn promised_by(file: &FileName) -> Shows {
        let end = file.as_str().rsplit_once('.').map_or("", |(_, end)| end);
        let found = PROMISED.iter().find(|(known, _)| known.eq_ignore_ascii_case(end));
        found.map_or(Shows::Nothing, |(_, shows)| *shows)
    }
}

/// What a name promises, for who may not be told what the file is, or whether there is one. Only a promise: browsers are
/// sent the bytes as what they are.
const PROMISED: &[(&str, Shows)] = &[
    ("png", Shows::Picture),
    ("jpg", Shows::Picture),
    ("jpeg", Shows::Picture),
    ("gif", Shows::Picture),
    ("webp", Shows::Picture),
    ("avif", Shows::Picture),
    ("mp3", Shows::Sound),
    ("ogg", Shows::Sound),
    ("oga", Shows::Sound),
    ("opus", Shows::Sound),
    ("wav", Shows::Sound),
    ("flac", Shows::Sound),
    ("m4a", Shows::Sound),
    ("mp4", Shows::Film),
    ("webm", Shows::Film),
    ("txt", Shows::Text),
];

/// The media type to send a file as: its own where it can be shown, else one that says nothing.
pub fn sent_as(media_type: &str) -> &'static str {
    match SHOWN.iter().find(|(known, _)| *known == media_type) {
        Some((_, Shows::Text)) => "text/plain; charset=utf-8",
        // What browsers call what we call by older names.
        Some(("audio/opus", _)) => "audio/ogg",
        Some(("audio/m4a", _)) => "audio/mp4",
        Some(("audio/x-wav", _)) => "audio/wav",
        Some(("audio/x-flac", _)) => "audio/flac",
        Some((known, _)) => known,
        None => "application/octet-stream",
    }
}

impl Sniffer {
    /// Looks at the next bytes.
    pub fn see(&mut self, bytes: &[u8]) {
        let wanted = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(wanted));
        self.text.see(bytes);
    }

    /// The media type, once all bytes have come by.
    pub fn media_type(&self) -> &'static str {
        let known = infer::get(&self.head).map(|found| found.mime_type());
        match self.text.is_text() {
            // Some signs of pictures are letters as well ("BM"); text that is text is no picture.
            true => kind_of_text(&self.head, known),
            false => known
                .filter(|known| !known.starts_with("text/"))
                .unwrap_or("application/octet-stream"),
        }
    }
}

fn kind_of_text(head: &[u8], known: Option<&'static str>) -> &'static str {
    let start = String::from_utf8_lossy(head).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    match known {
        Some(known @ ("application/pdf" | "application/postscript" | "application/rtf")) => known,
        _ if start.starts_with('<') && start.contains("<svg") => "image/svg+xml",
        _ if start.starts_with("<?xml") => "text/xml",
        // Asked again, because a mark of the byte order hid the beginning.
        _ if infer::get(start.as_bytes()).is_some_and(|found| found.mime_type() == "text/html") => {
            "text/html"
        }
        _ => "text/plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> &'static str {
        // In small pieces, as they come over a network.
        let mut sniffer = Sniffer::default();
        bytes.chunks(3).for_each(|piece| sniffer.see(piece));
        sniffer.media_type()
    }

    #[test]
    fn a_file_is_known_by_its_bytes() {
        for (bytes, media_type) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0\x80\0\0", "image/gif"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0\x08\0", "application/zip"),
            ("Äpfel und Birnen\r\n".as_bytes(), "text/plain"),
            (b"#!/bin/sh\nrm -rf /\n", "text/plain"),
            (b"BMW is a maker of cars\n", "text/plain"),
            (b"", "text/plain"),
            (b"\xfe\x00\x01", "application/octet-stream"),
            (b"one\0two", "application/octet-stream"),
        ] {
            assert_eq!(kind(bytes), media_type, "{bytes:?}");
        }
    }

    #[test]
    fn what_a_browser_might_run_is_called_by_its_name() {
        for (text, media_type) in [
            ("<!DOCTYPE html><script>alert(1)</script>", "text/html"),
            ("  \n<HTML><body>", "text/html"),
            ("\u{feff}<script>alert(1)</script>", "text/html"),
            ("<svg xmlns=\"x\" onload=\"alert(1)\"/>", "image/svg+xml"),
            ("<?xml version=\"1.0\"?><!-- --><SVG/>", "image/svg+xml"),
            ("<!-- x --><svg/>", "image/svg+xml"),
            ("<?xml version=\"1.0\"?><a/>", "text/xml"),
        ] {
            assert_eq!(kind(text.as_bytes()), media_type, "{text}");
            assert_eq!(Shows::of(media_type), Shows::Nothing);
            assert_eq!(sent_as(media_type), "application/octet-stream");
        }
    }

    #[test]
    fn a_name_promises_by_its_end() {
        for (name, shows) in [
            ("a.PNG", Shows::Picture),
            ("a.b.mp3", Shows::Sound),
            ("film.webm", Shows::Film),
            ("png", Shows::Nothing),
            ("a.svg", Shows::Nothing),
            ("a.png.pdf", Shows::Nothing),
        ] {
            assert_eq!(
                Shows::promised_by(&FileName::parse(name).unwrap()),
                shows,
                "{name}"
            );
        }
    }

    #[test]
    fn nothing_in_which_a_script_runs_is_shown() {
        for danger in [
            "text/html",
            "image/svg+xml",
            "text/xml",
            "application/pdf",
            "application/wasm",
            "",
        ] {
            assert_eq!(Shows::of(danger), Shows::Nothing, "{danger}");
        }
        assert_eq!(Shows::of("image/png"), Shows::Picture);
        assert_eq!(sent_as("text/plain"), "text/plain; charset=utf-8");
    }
}
