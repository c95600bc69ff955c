//! Where a call begins and ends: what the driver below a macro's file says to its host.
//!
//! `begin` makes `macro`; `end` takes what the macro gave back together with the dicts of session and
//! storage, and gives the next call's arguments if the same interpreter is to go on. When a file is only
//! loaded, `facts` takes what it says about itself.

use std::time::Duration;

use grange_macro_protocol::SessionChange;
use grange_macro_protocol::names::MODULES;
use monty_types::{ExcType, MontyObject};

use super::reading::Args;
use super::{Again, Context, Reply, Thing, Trouble, raise};
use crate::values;

/// Methods of the driver's host that are handed on without being called.
pub(super) const METHODS: &[&str] = &["read_dict", "read_group"];

/// The running call.
#[derive(Clone, Debug)]
pub struct Running<'a> {
    /// The macro's name.
    pub name: &'a str,
    /// Its place in the job.
    pub number: u32,
    /// The text between the parentheses.
    pub arguments: Option<&'a str>,
    /// What a typed entry is called with.
    pub bound: Vec<(String, MontyObject)>,
    /// Milliseconds that it may take.
    pub time_ms: u64,
    /// How long its output may be, in bytes.
    pub output_bytes: usize,
    /// How much the job's calls before it have written, in bytes.
    pub written: usize,
    /// What it is run for.
    pub purpose: Purpose,
}

impl Running<'_> {
    pub(super) fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms)
    }
}

/// What a program is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its output.
    Call,
    /// What the file says about itself.
    Load,
}

/// What a call came to, if it came to its end.
#[derive(Debug)]
pub enum Outcome {
    /// Text, and the session's changes.
    Text(String, Vec<SessionChange>),
    /// Something that is no text: its type.
    NotText(String),
    /// More text than allowed.
    TooLong,
}

/// What a file says about itself.
#[derive(Debug)]
pub struct Facts {
    /// Its `Dependencies`, if it has any.
    pub dependencies: Option<MontyObject>,
    /// Whether there is a typed entry.
    pub is_typed: bool,
    /// Whether there is an `execute`.
    pub has_execute: bool,
    /// The typed entry's defaults, in order.
    pub defaults: Vec<MontyObject>,
}

impl Context<'_> {
    /// A global name that the file does not define.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<MontyObject> {
        let is_asked_for = matches!(name, "Dependencies" | "execute") || name.starts_with("macro_");
        (self.call.purpose == Purpose::Load && is_asked_for).then(MontyObject::none)
    }
}

impl Context<'_> {
    /// What driver and prelude ask, and the functions of `MoinMoin.wikiutil`.
    pub(super) fn host_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        match name {
            "begin" => Ok(Some(self.begin(args))),
            "arguments" => Ok(Some(self.arguments())),
            "end" => self.end(args).map(|()| Some(MontyObject::none())),
            "facts" => Ok(Some(self.take_facts(args))),
            "stored" => self.stored().map(Some),
            "read_dict" => self.read_dict(args).map(Some),
            "read_group" => self.read_group(args).map(Some),
            "known_dicts" => Ok(Some(self.known_dicts())),
            "known_groups" => Ok(Some(self.known_groups())),
            "wanted" => self.wanted(args).map(Some),
            _ => match self.session_method(name) {
                Some(reply) => Ok(Some(reply)),
                None => self.wikiutil_method(name, args),
            },
        }
    }

    fn begin(&mut self, args: &Args<'_>) -> MontyObject {
        for (key, object) in args.all_named() {
            let known = ["session", "storage", "dicts", "groups"];
            if let Some(name) = known.into_iter().find(|name| *name == key) {
                self.live.insert(name, object.to_owned());
            }
        }
        let request = self.object(Thing::Request);
        let formatter = self.formatter_object();
        let text = Thing::Method(Box::new(Thing::Request), "getText");
        let mut attributes = vec![
            ("request", request),
            ("formatter", formatter),
            ("name", MontyObject::string(self.call.name)),
            ("_", self.object(text)),
        ];
        attributes.push(("args", self.raw_arguments()));
        if let Some(storage) = self.live.get("storage") {
            attributes.push(("storage", storage.clone()));
        }
        self.object_with(Thing::Macro, attributes)
    }

    /// `macro.formatter`, with the page on it.
    pub(super) fn formatter_object(&mut self) -> MontyObject {
        let page = self.object(Thing::Page(self.job.page.name.clone()));
        self.object_with(Thing::Formatter, vec![("page", page)])
    }

    /// The text between the parentheses, or None.
    #[must_use]
    pub fn raw_arguments(&self) -> MontyObject {
        self.call
            .arguments
            .map_or_else(MontyObject::none, MontyObject::string)
    }

    fn arguments(&self) -> MontyObject {
        let bound = self.call.bound.iter();
        MontyObject::dict(bound.map(|(name, value)| (MontyObject::string(name.as_str()), value.clone())))
    }

    fn end(&mut self, args: &Args<'_>) -> Result<(), Trouble> {
        let Some(result) = args.raw(0) else { return Ok(()) };
        // Also a failure counts only when the session was not there in secret.
        if self.session_is_unread() {
            return Err(Trouble::Again(Again::WithoutSession));
        }
        let Some(text) = result.as_str() else {
            self.outcome = Some(Outcome::NotText(result.type_name().to_owned()));
            return Ok(());
        };
        if text.len() > self.call.output_bytes {
            self.outcome = Some(Outcome::TooLong);
            return Ok(());
        }
        // Without the session there is nothing of it that a call could have changed.
        let left = args.named("session").filter(|_| self.carried.with_session);
        let settled = self.settled_session(left)?;
        self.commit_storage(args, text, settled.as_deref())?;
        let changes = self.settle_session(settled);
        self.outcome = Some(Outcome::Text(text.to_owned(), changes));
        Ok(())
    }

    fn take_facts(&mut self, args: &Args<'_>) -> MontyObject {
        let is_there = |place| {
            args.raw(place)
                .is_some_and(|found| found.type_name() != "NoneType")
        };
        let defaults = args
            .raw(3)
            .and_then(|defaults| defaults.items())
            .unwrap_or_default();
        self.facts = Some(Facts {
            dependencies: args.get(0, "dependencies").map(|found| found.to_owned()),
            is_typed: is_there(1),
            has_execute: is_there(2),
            defaults: defaults.into_iter().map(|default| default.to_owned()).collect(),
        });
        MontyObject::none()
    }

    /// Attributes of `macro` that it does not carry with it.
    pub(super) fn macro_attribute(&mut self, name: &str) -> Option<MontyObject> {
        match name {
            "page" => Some(self.object(Thing::Page(self.job.page.name.clone()))),
            "cfg" => Some(self.object(Thing::Cfg)),
            _ => None,
        }
    }

    /// Attributes of `request.cfg`: the wiki's public settings.
    pub(super) fn cfg_attribute(&mut self, name: &str) -> Option<MontyObject> {
        let found = self.job.page.cfg.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| values::object(value))
    }

    /// `import name`, for what is no module of Python's.
    pub(super) fn import(&mut self, name: &str) -> Reply {
        match name {
            "MoinMoin" => Ok(self.moin_module()),
            _ if name.starts_with('_') => Err(raise(
                ExcType::ModuleNotFoundError,
                format!("No module named '{name}': there is no file {name}.py beside the macro"),
            )),
            _ => Err(raise(
                ExcType::ModuleNotFoundError,
                format!(
                    "No module named '{name}': a macro can import {}, MoinMoin.wikiutil, MoinMoin.Page, \
                     and files beside it whose names begin with _",
                    MODULES.join(", ")
                ),
            )),
        }
    }
}
