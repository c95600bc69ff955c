//! Whether two names would be taken for one another by a person who reads them.
//!
//! Asked only of names that are kept for administrators: nobody shall register `Βoss` with a Greek
//! letter beside `Boss`. It is coarse on purpose (a refused name costs its owner another idea) and
//! says nothing about names that are merely similar. Start at [`look_alike`].

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold_name;

/// Letters, in their small form, of which one of the two forms looks like that of the Latin letter.
const ALIKE: &[(char, &str)] = &[
    ('a', "аα"),
    ('b', "вβ"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еε"),
    ('h', "һнη"),
    ('i', "іιӏl1|"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('m', "мμ"),
    ('n', "ո"),
    ('o', "оοօσ0"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('s', "ѕ"),
    ('t', "тτ"),
    ('u', "ս"),
    ('v', "ѵν"),
    ('w', "ԝω"),
    ('x', "хχ"),
    ('y', "уүγυ"),
    ('z', "ζ"),
];

/// Whether the names look the same: letters of other alphabets and widths that look like Latin ones
/// count as those, marks that belong to no letter do not count.
pub(super) fn look_alike(one: &str, other: &str) -> bool {
    fold_name(one) == fold_name(other) || looks(one) == looks(other)
}

fn looks(name: &str) -> String {
    let plain: String = name.nfkc().filter(|c| !is_combining_mark(*c)).collect();
    fold_name(&plain).chars().map(latin).collect()
}

fn latin(letter: char) -> char {
    let found = ALIKE.iter().find(|(_, others)| others.contains(letter));
    found.map_or(letter, |(latin, _)| *latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_alphabets_and_widths_look_like_latin_ones() {
        for name in ["Bosѕ", "Ｂoss", "Βοѕѕ", "ВОSS", "B\u{332}oss", "b0ss"] {
            assert!(look_alike(name, "Boss"), "{name}");
        }
        assert!(look_alike("Wi1l", "wiLI"));
    }

    #[test]
    fn names_that_are_only_similar_are_two() {
        for (one, other) in [
            ("Boss", "Bos"),
            ("José", "Jose"),
            ("Борис", "Boris"),
            ("Boss", "Boss2"),
            ("山田", "山口"),
        ] {
            assert!(!look_alike(one, other), "{one} and {other}");
        }
    }
}
