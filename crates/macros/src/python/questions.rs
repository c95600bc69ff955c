//! Answers what a running macro asks, with the viewer's rights and through the marks of the context.
//!
//! A page that the viewer may not read is as if it did not exist. A sentence instead of a value is raised in
//! the macro as an exception.

use std::sync::Arc;

use grange_macro_protocol::size::Size;
use grange_macro_protocol::{Answer, Question, Right as Asked, Value};
use grange_wiki::attachment::FileName;
use grange_wiki::markup::word_lists;
use grange_wiki::rights::Right;
use grange_wiki::{Page, PageName};

use super::PythonMacros;
use super::convert::{from_wire, marks};
use super::storage::{Committed, Room, StorageError};
use crate::context::MacroContext;
use crate::error::MacroError;
use crate::ledger;
use crate::touched::Touched;

/// The longest page that is read as a dict or a group, in bytes.
const MOST_LIST_BYTES: usize = 256 << 10;

/// Who asks, and what it was told of its storage so far.
pub(super) struct Asker<'r> {
    python: &'r PythonMacros,
    /// The name of the macro that is running.
    name: String,
    /// Its room, once it has looked.
    room: Option<Room>,
    /// Whether anything was committed for any of the calls.
    pub(super) has_committed: bool,
}

impl<'r> Asker<'r> {
    pub(super) fn new(python: &'r PythonMacros) -> Asker<'r> {
        Asker {
            python,
            name: String::new(),
            room: None,
            has_committed: false,
        }
    }

    /// Another call runs now, of the macro with this name.
    pub(super) fn begin(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.room = None;
    }

    /// The answer to a question.
    pub(super) async fn answer(&mut self, mut question: Question, cx: &mut MacroContext<'_>) -> Answer {
        if let Question::Commit {
            session,
            output_bytes,
            ..
        } = &mut question
            && let Err(error) = refuse_what_comes_with_it(session.take(), *output_bytes, cx)
        {
            return Answer(Err(error.to_string()));
        }
        let answered = match question {
            Question::StoredAll | Question::Commit { .. } => {
                return Answer(
                    self.storage(question, cx)
                        .await
                        .map_err(|error| error.to_string()),
                );
            }
            question => self.about_the_wiki(question, cx).await,
        };
        Answer(answered.map_err(|error| error.to_string()))
    }

    async fn about_the_wiki(
        &self,
        question: Question,
        cx: &mut MacroContext<'_>,
    ) -> Result<Value, MacroError> {
        match question {
            Question::PageText(name) => {
                let page = page(&name, cx).await?;
                Ok(page.map_or(Value::Null, |page| Value::Text(page.text.to_string())))
            }
            Question::PageFacts(name) => Ok(page(&name, cx).await?.map_or(Value::Null, |page| facts(&page))),
            Question::Exist(names) => exist(&names, cx).await,
            Question::PageList => {
                let names = cx.readable_pages(|_| true).await?;
                Ok(Value::List(
                    names.iter().map(|name| name.as_str().into()).collect(),
                ))
            }
            Question::May(right, name) => may(right, &name, cx).await,
            Question::Translate(message) => Ok(cx.translate(&message).into()),
            Question::Dict(name) => match page(&name, cx).await? {
                Some(page) => dict(&page),
                None => Ok(Value::Null),
            },
            Question::Group(name) => match page(&name, cx).await? {
                Some(page) => group(&page),
                None => Ok(Value::Null),
            },
            Question::InterWiki(wiki, page) => {
                let link = cx.farm().link_by_name(&wiki, &page);
                Ok(link.map_or(Value::Null, |link| Value::Text(link.href)))
            }
            Question::Attached(page, file) => attached(&page, &file, cx).await,
            Question::Pragma(name) => {
                let page = page(cx.page_name().as_str(), cx).await?;
                Ok(page
                    .and_then(|page| pragma(&page.text, &name))
                    .map_or(Value::Null, Value::Text))
            }
            Question::StoredAll | Question::Commit { .. } => Ok(Value::Null),
        }
    }

    async fn storage(
        &mut self,
        question: Question,
        cx: &mut MacroContext<'_>,
    ) -> Result<Value, StorageError> {
        // What a macro keeps may change at any moment, and does not change the wiki's generation.
        cx.ledger.touched.moment = true;
        let held = match question {
            Question::Commit { .. } => self.room.take(),
            // Asked again after somebody else was quicker, or because the call began anew.
            _ => None,
        };
        let room = match held {
            Some(room) => room,
            None => self.python.storage.room(&self.name).await?,
        };
        match question {
            Question::Commit {
                changes,
                read,
                touched,
                ..
            } => {
                let touched = cx.ledger.touched.and(marks(touched));
                self.commit(&room, changes, read, touched, cx).await
            }
            _ => {
                let all = Value::Map(room.entries());
                self.room = Some(room);
                Ok(all)
            }
        }
    }

    /// Afterwards the room is read anew: it has changed, or somebody else had changed it.
    async fn commit(
        &mut self,
        room: &Room,
        changes: Vec<(String, Value)>,
        read: Option<Vec<String>>,
        touched: Touched,
        cx: &mut MacroContext<'_>,
    ) -> Result<Value, StorageError> {
        if cx.view.wiki.settings().read_only {
            return Err(StorageError::ReadOnly);
        }
        if !cx.may_keep(touched) {
            // A view that changes nothing (HEAD, a preview, a page made for everybody) keeps nothing.
            cx.ledger.storage = ledger::Storage::Dropped;
            return Ok(Value::Bool(true));
        }
        // Should this be given up while the disk is written, it may have been kept.
        let before = std::mem::replace(&mut self.has_committed, true);
        let commit = self.python.storage.commit(&self.name, room, changes, read).await;
        let is_kept = matches!(commit, Ok(Committed::Kept));
        self.has_committed = before || is_kept;
        commit.map(|_| Value::Bool(is_kept))
    }
}

/// All of a call counts or nothing: what the page would refuse of it afterwards is refused before anything is written.
fn refuse_what_comes_with_it(
    session: Option<Vec<(String, Value)>>,
    output_bytes: u64,
    cx: &mut MacroContext<'_>,
) -> Result<(), MacroError> {
    cx.refuse_output_beyond(usize::try_from(output_bytes).unwrap_or(usize::MAX))?;
    let Some(left) = session else { return Ok(()) };
    let before = cx.view.session.savepoint();
    let tried = try_session(left, cx);
    cx.view.session.roll_back(before);
    tried
}

fn try_session(left: Vec<(String, Value)>, cx: &mut MacroContext<'_>) -> Result<(), MacroError> {
    let mut dict = cx.view.session.dict();
    let gone: Vec<String> = dict
        .keys()
        .filter(|key| left.iter().all(|(kept, _)| kept != key))
        .map(str::to_owned)
        .collect();
    for key in gone {
        dict.remove(&key);
    }
    for (key, value) in left {
        dict.insert(&key, from_wire(value))?;
    }
    cx.ledger.budget.refuse_keys(cx.view.session.keys_added())
}

async fn page(name: &str, cx: &mut MacroContext<'_>) -> Result<Option<Arc<Page>>, MacroError> {
    match PageName::parse(name) {
        Ok(name) => cx.page(&name).await,
        Err(_) => Ok(None),
    }
}

async fn attached(page: &str, file: &str, cx: &mut MacroContext<'_>) -> Result<Value, MacroError> {
    let (Ok(page), Ok(file)) = (PageName::parse(page), FileName::parse(file)) else {
        return Ok(Value::Bool(false));
    };
    if !cx.may_read(&page).await? {
        return Ok(Value::Bool(false));
    }
    let versions = cx.wiki().attachment_versions(&page, &file).await?;
    Ok(Value::Bool(!versions.is_empty()))
}

async fn exist(names: &[String], cx: &mut MacroContext<'_>) -> Result<Value, MacroError> {
    let mut answers = Vec::with_capacity(names.len());
    for name in names {
        let exists = match PageName::parse(name) {
            Ok(name) => cx.may_read(&name).await? && cx.wiki().exists(&name).await?,
            Err(_) => false,
        };
        answers.push(Value::Bool(exists));
    }
    Ok(Value::List(answers))
}

async fn may(asked: Asked, name: &str, cx: &mut MacroContext<'_>) -> Result<Value, MacroError> {
    let Ok(name) = PageName::parse(name) else {
        return Ok(Value::Bool(false));
    };
    let right = match asked {
        Asked::Read => return Ok(Value::Bool(cx.may_read(&name).await?)),
        Asked::Write => Right::Write,
        Asked::Delete => Right::Delete,
        Asked::Revert => Right::Revert,
        Asked::Admin => Right::Admin,
    };
    let viewer = cx.viewer();
    Ok(Value::Bool(cx.wiki().may(viewer, right, &name).await?))
}

fn facts(page: &Page) -> Value {
    let revision = i64::from(page.revision);
    let size = i64::try_from(page.text.len()).unwrap_or(i64::MAX);
    let change = page.change.as_ref();
    let editor = change.and_then(|change| change.author.name.clone());
    let entries = [
        ("revision", Value::Int(revision)),
        (
            "mtime_ms",
            change.map_or(Value::Int(0), |change| Value::Int(change.time.as_millisecond())),
        ),
        ("editor", editor.map_or(Value::Null, Value::Text)),
        (
            "comment",
            change
                .map_or_else(String::new, |change| change.comment.clone())
                .into(),
        ),
        ("size", Value::Int(size)),
    ];
    Value::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn dict(page: &Page) -> Result<Value, MacroError> {
    refuse_too_long("dict", page)?;
    let entries = word_lists::dict_entries(&page.text).into_iter();
    let entries = entries.map(|(key, value)| (key, Value::Text(value)));
    Ok(Value::Map(entries.collect()))
}

fn group(page: &Page) -> Result<Value, MacroError> {
    refuse_too_long("group", page)?;
    let members = word_lists::group_members(&page.text);
    Ok(Value::List(members.into_iter().map(Value::Text).collect()))
}

/// A call may ask for a thousand of them, and each is read on a thread that serves others too.
fn refuse_too_long(kind: &str, page: &Page) -> Result<(), MacroError> {
    let bytes = page.text.len();
    match bytes <= MOST_LIST_BYTES {
        true => Ok(()),
        false => Err(MacroError::said(format!(
            "the {kind} page \"{}\" has {}; macros read {kind} pages of at most {}",
            page.name,
            Size::above(bytes),
            Size::of(MOST_LIST_BYTES)
        ))),
    }
}

/// `#pragma NAME VALUE` among the lines at the head of a page; names are compared without case.
fn pragma(text: &str, name: &str) -> Option<String> {
    let head = text.lines().take_while(|line| line.starts_with('#'));
    head.filter_map(|line| line.strip_prefix("#pragma "))
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pragma_stands_at_the_head_of_the_page() {
        let text = "#pragma section-numbers off\n# Title\n\n#pragma late x\n";
        assert_eq!(pragma(text, "Section-Numbers").as_deref(), Some("off"));
        assert_eq!(pragma(text, "late"), None);
    }
}
