//! Small signs by name, as `<<Icon>>` and `formatter.icon` show them.
//!
//! They are characters, so they need no files, follow the colours of the theme and grow with the text. The names are
//! those that pages of MoinMoin wikis use, its smileys included.

/// Name, sign, word. The help of the macro Icon names those without punctuation.
pub const SIGNS: &[(&str, &str, &str)] = &[
    ("attach", "📎", "attachment"),
    ("attention", "⚠", "attention"),
    ("bottom", "↓", "down"),
    ("checkmark", "✓", "done"),
    ("conflict", "⚡", "conflict"),
    ("deleted", "✗", "deleted"),
    ("diff", "±", "difference"),
    ("edit", "✎", "edit"),
    ("find", "🔍", "search"),
    ("help", "?", "help"),
    ("home", "⌂", "home"),
    ("idea", "💡", "idea"),
    ("info", "ℹ", "information"),
    ("mailto", "✉", "mail"),
    ("new", "＋", "new"),
    ("print", "⎙", "print"),
    ("raw", "≡", "source"),
    ("renamed", "→", "renamed"),
    ("rss", "⌁", "feed"),
    ("star", "★", "star"),
    ("subscribe", "🔔", "subscribe"),
    ("thumbs-up", "👍", "good"),
    ("top", "↑", "up"),
    ("unsubscribe", "🔕", "unsubscribe"),
    ("updated", "↻", "updated"),
    ("view", "👁", "view"),
    ("www", "🌐", "web"),
    ("X-(", "😠", "angry"),
    (":D", "😀", "laughing"),
    ("<:(", "😟", "frustrated"),
    (":o", "😮", "astonished"),
    (":(", "🙁", "sad"),
    (":)", "🙂", "smile"),
    ("B)", "😎", "cool"),
    (":))", "😄", "happy"),
    (";)", "😉", "wink"),
    ("/!\\", "⚠", "attention"),
    ("<!>", "❗", "important"),
    ("(!)", "💡", "idea"),
    (":-?", "🤔", "thinking"),
    (":\\", "😕", "doubtful"),
    (">:>", "😈", "evil"),
    ("|)", "😴", "tired"),
    (":-(", "🙁", "sad"),
    (":-)", "🙂", "smile"),
    ("B-)", "😎", "cool"),
    (":-))", "😄", "happy"),
    (";-)", "😉", "wink"),
    ("|-)", "😴", "tired"),
    ("(./)", "✓", "done"),
    ("{OK}", "👍", "good"),
    ("{X}", "✗", "wrong"),
    ("{i}", "ℹ", "information"),
    ("{1}", "①", "priority 1"),
    ("{2}", "②", "priority 2"),
    ("{3}", "③", "priority 3"),
    ("{*}", "★", "star"),
    ("{o}", "☆", "star without colour"),
];

/// A sign by its name, and the word for those who do not see it.
#[must_use]
pub fn sign(name: &str) -> Option<(&'static str, &'static str)> {
    let found = SIGNS.iter().find(|(known, _, _)| *known == name);
    found.map(|(_, sign, word)| (*sign, *word))
}
