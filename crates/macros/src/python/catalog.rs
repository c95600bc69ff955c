//! Messages of macros in other languages: gettext catalogs beside the macro files.
//!
//! `<macro dir>/locale/<lang>.po`. A message that no catalog has is shown as the macro wrote it. A file that
//! cannot be read is told in the log and is as if it were not there.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use grange_macro_protocol::size::Size;

/// The largest catalog that is read.
const MOST_BYTES: u64 = 4 << 20;

/// All catalogs of a library, the first directory's first.
#[derive(Debug, Default)]
pub struct Catalogs {
    by_language: HashMap<String, HashMap<String, String>>,
}

impl Catalogs {
    /// Adds the catalogs of a macro directory; what an earlier one says stands.
    pub fn add_directory(&mut self, macros: &Path) {
        let Ok(entries) = fs::read_dir(macros.join("locale")) else {
            return;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_some_and(|ending| ending == "po") {
                self.add_file(&path);
            }
        }
    }

    /// Whether any catalog has messages in this language.
    pub fn speaks(&self, language: &str) -> bool {
        self.by_language.contains_key(&folded(language))
    }

    /// The message in the first of these languages that a catalog has it in: `de-CH` finds `de`.
    pub fn translate<'c>(&'c self, message: &str, languages: &[&str]) -> Option<&'c str> {
        languages.iter().find_map(|language| {
            let language = folded(language);
            let parent = language.split('_').next().unwrap_or_default();
            [language.as_str(), parent]
                .iter()
                .find_map(|one| self.by_language.get(*one)?.get(message).map(String::as_str))
        })
    }

    fn add_file(&mut self, path: &Path) {
        let Some(language) = path.file_stem().and_then(|stem| stem.to_str()) else {
            return;
        };
        // Asked before it is opened: a pipe would be waited for.
        let is_readable = fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() <= MOST_BYTES);
        let catalog = match is_readable {
            true => parse(path),
            false => Err(format!("it is no file of at most {}", Size(MOST_BYTES))),
        };
        let catalog = match catalog {
            Ok(catalog) => catalog,
            Err(why) => {
                tracing::warn!(file = %path.display(), "the catalog cannot be read, its messages stay as the macros say them: {why}");
                return;
            }
        };
        let messages = self.by_language.entry(folded(language)).or_default();
        for message in catalog.messages() {
            if !message.is_singular() || !message.is_translated() || message.flags().is_fuzzy() {
                continue;
            }
            if let Ok(text) = message.msgstr() {
                messages
                    .entry(message.msgid().to_owned())
                    .or_insert_with(|| text.to_owned());
            }
        }
    }
}

/// `pt-BR` and `pt_br` are one language.
fn folded(language: &str) -> String {
    language.to_ascii_lowercase().replace('-', "_")
}

/// What gettext writes at the head of a file, for one that begins with its first message.
const HEAD: &str = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n";

fn parse(path: &Path) -> Result<polib::catalog::Catalog, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| error.to_string())?;
    let parse = |text: &str| polib::po_file::parse_from_reader(text.as_bytes());
    parse(&text)
        .or_else(|error| parse(&format!("{HEAD}{text}")).map_err(|_| error))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogs(files: &[(&str, &str)]) -> Catalogs {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("locale")).unwrap();
        for (name, text) in files {
            fs::write(directory.path().join("locale").join(name), text).unwrap();
        }
        let mut catalogs = Catalogs::default();
        catalogs.add_directory(directory.path());
        catalogs
    }

    #[test]
    fn a_message_is_found_in_the_first_language_that_has_it() {
        let bare = "msgid \"Loaded value %d\"\nmsgstr \"Загружено значение %d\"\n";
        let headed = format!("{HEAD}{bare}");
        let catalogs = catalogs(&[("ru.po", &headed), ("be.po", bare)]);
        let found = |languages: &[&str]| {
            catalogs
                .translate("Loaded value %d", languages)
                .map(str::to_owned)
        };
        assert_eq!(found(&["ru"]).as_deref(), Some("Загружено значение %d"));
        assert_eq!(
            found(&["de", "ru-RU", "en"]).as_deref(),
            Some("Загружено значение %d")
        );
        assert_eq!(found(&["be"]), found(&["ru"]), "a file needs no head");
        assert_eq!(found(&["de"]), None);
        assert!(catalogs.translate("Other", &["ru"]).is_none());
    }

    #[test]
    fn untranslated_and_fuzzy_messages_and_broken_files_say_nothing() {
        let text = format!("{HEAD}msgid \"A\"\nmsgstr \"\"\n\n#, fuzzy\nmsgid \"B\"\nmsgstr \"Bé\"\n");
        let catalogs = catalogs(&[("fr.po", &text), ("de.po", "this is no catalog")]);
        assert!(catalogs.translate("A", &["fr"]).is_none());
        assert!(catalogs.translate("B", &["fr"]).is_none());
        assert!(catalogs.translate("A", &["de"]).is_none());
    }
}
