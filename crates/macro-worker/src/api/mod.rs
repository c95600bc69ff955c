//! What a macro can reach: objects that live here and answer when Python reads an attribute or calls.
//!
//! One file per object. Every read of something that is not the same for everybody goes through
//! [`Context`], which sets the mark in [`Touches`] before it hands anything out: there is no other way to
//! such a fact, so no declaration and no trick of a macro can keep it from being marked.

mod attributes;
mod clock;
mod entry;
mod formatter;
mod links;
mod page;
mod pictures;
mod reading;
mod request;
mod session;
mod storage;
mod user;
mod wikiutil;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use grange_macro_protocol::names::Object;
use grange_macro_protocol::{Answer, CallResult, Job, Limit, Limits, Question, Touches, Value};
use monty_types::{
    BASELINE_MEMORY, CallArgs, ExcType, LIVE_MEMORY, MontyException, MontyObject, MontyUuid, OsFunctionCall,
};

use crate::guard::Guard;

pub use entry::{Facts, Outcome, Purpose, Running};
pub use session::SessionState;

/// The server, as a macro's questions see it.
pub trait Server {
    /// From here on it is this call of the job that asks.
    fn begin(&mut self, call: u32);

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// * [`Gone`]: nobody answers any more; the process is to end.
    fn ask(&mut self, question: Question) -> Result<Answer, Gone>;

    /// Who watches the clock.
    fn guard(&self) -> &Guard;
}

/// The server is gone or speaks another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server cannot be understood")]
pub struct Gone;

/// Why an object does not answer.
#[derive(Debug)]
pub enum Trouble {
    /// Python gets an exception, which the macro may catch.
    Raise(Box<MontyException>),
    /// The call ends here, whatever the macro would like to catch.
    Limit(Limit),
    /// The call has to start over.
    Again(Again),
    /// The process ends.
    Gone,
}

/// Why a call has to start over. Python's `[]` and `in` cannot wait for an answer, so what they need is in
/// the interpreter from the start or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It reads the session: now that the mark is set, its values may be in the interpreter.
    WithSession,
    /// It was given the session's values and has not read them: what it made may not count.
    WithoutSession,
    /// It looked up dicts or groups that have been asked for now.
    WithLookups,
    /// Somebody else changed its storage meanwhile.
    Conflict,
}

/// What goes from one start of a call to the next.
#[derive(Debug, Default)]
pub struct Carried {
    /// Whether the session's values are in the interpreter.
    pub with_session: bool,
    dicts: Vec<(String, Value)>,
    groups: Vec<(String, Value)>,
    questions: u32,
    /// How long it ran so far.
    pub ran: Duration,
    /// What it looked at so far.
    pub touched: Touches,
}

/// Shorthand for what every object answers with.
pub type Reply = Result<MontyObject, Trouble>;

/// An exception for Python.
#[must_use]
pub fn raise(kind: ExcType, words: impl Into<String>) -> Trouble {
    Trouble::Raise(Box::new(MontyException::new(kind, Some(words.into()))))
}

/// The objects that live here.
#[derive(Clone, Debug)]
pub enum Thing {
    /// What the prelude talks to.
    Host,
    /// `macro`.
    Macro,
    /// `macro.request`.
    Request,
    /// `macro.formatter`.
    Formatter,
    /// `request.user`.
    User,
    /// `request.user.may`.
    May,
    /// `request.cfg`.
    Cfg,
    /// `request.clock`.
    Clock,
    /// `request.theme`.
    Theme,
    /// A page.
    Page(String),
    /// A method on its own: `_ = request.getText`.
    Method(Box<Thing>, &'static str),
}

impl Thing {
    /// The class that Python sees.
    fn class(&self) -> &'static str {
        match self {
            Thing::Host => "Host",
            Thing::Macro => "Macro",
            Thing::Request => "Request",
            Thing::Formatter => "Formatter",
            Thing::User => "User",
            Thing::May => "Permissions",
            Thing::Cfg => "Config",
            Thing::Clock => "Clock",
            Thing::Theme => "Theme",
            Thing::Page(_) => "Page",
            Thing::Method(..) => "Method",
        }
    }

    /// The object that the list of names knows it as.
    fn object(&self) -> Option<Object> {
        match self {
            Thing::Macro => Some(Object::Macro),
            Thing::Request => Some(Object::Request),
            Thing::Formatter => Some(Object::Formatter),
            Thing::User => Some(Object::User),
            Thing::May => Some(Object::Permissions),
            Thing::Clock => Some(Object::Clock),
            Thing::Theme => Some(Object::Theme),
            Thing::Page(_) => Some(Object::Page),
            Thing::Host | Thing::Cfg | Thing::Method(..) => None,
        }
    }

    /// The names of its methods, for reading one without calling it.
    fn methods(&self) -> &'static [&'static str] {
        match self {
            Thing::Host => entry::METHODS,
            other => other.object().map_or(&[], Object::methods),
        }
    }

    /// Whether it may have such a member at all: what the list does not name, nothing here answers to.
    fn may_have(&self, name: &str) -> bool {
        self.object().is_none_or(|object| object.has(name))
    }
}

/// Everything of the call that is running, and of those before it in the same interpreter.
pub struct Context<'a> {
    /// The view's facts. Only the objects of this module read it.
    job: &'a Job,
    /// The running call's name and arguments.
    call: Running<'a>,
    server: &'a mut dyn Server,
    limits: Limits,
    time: Duration,
    started: Instant,
    waited: Duration,
    carried: &'a mut Carried,
    /// The marks so far.
    pub touched: Touches,
    /// The marks that the guard knows of.
    told: Touches,
    /// The most memory that was seen to be taken, in bytes.
    pub memory: u64,
    has_read_session: bool,
    session: SessionState,
    storage: Vec<(String, Value)>,
    /// What the macro gave back, once it did.
    pub outcome: Option<Outcome>,
    /// What the file says about itself, when it is loaded and not called.
    pub facts: Option<Facts>,
    things: Vec<Thing>,
    live: HashMap<&'static str, MontyObject>,
    watches: HashMap<String, u64>,
    ids: HashMap<String, u32>,
    translations: &'a mut HashMap<String, String>,
}

/// Sandbox objects have random ids; these are small numbers, so that they never meet.
const FIRST_ID: u128 = 1 << 32;

impl<'a> Context<'a> {
    /// For a call of a job.
    pub fn new(
        job: &'a Job,
        call: Running<'a>,
        server: &'a mut dyn Server,
        limits: Limits,
        session: SessionState,
        carried: &'a mut Carried,
        translations: &'a mut HashMap<String, String>,
    ) -> Context<'a> {
        server.begin(call.number);
        server.guard().looked(carried.touched);
        Context {
            job,
            server,
            limits,
            time: call.time(),
            call,
            started: Instant::now(),
            waited: Duration::ZERO,
            touched: carried.touched,
            told: carried.touched,
            carried,
            memory: 0,
            has_read_session: false,
            session,
            storage: Vec::new(),
            outcome: None,
            facts: None,
            things: Vec::new(),
            live: HashMap::new(),
            watches: HashMap::new(),
            ids: HashMap::new(),
            translations,
        }
    }

    /// Goes on with the next call, in the same interpreter. What has been looked at stays marked: a macro may
    /// have kept it.
    pub fn next(&mut self, call: Running<'a>) {
        self.server.begin(call.number);
        self.time = call.time();
        self.call = call;
        self.started = Instant::now();
        self.waited = Duration::ZERO;
        self.memory = 0;
        self.outcome = None;
        self.carried.questions = 0;
        self.carried.ran = Duration::ZERO;
    }

    /// The guard watches the call from here on.
    pub fn is_watched_for(&self, time: Duration) {
        self.server.guard().arm(time);
    }

    /// The guard keeps the result, should a later call of the job not come to an end.
    pub fn is_kept(&self, result: &CallResult) {
        self.server.guard().keep(result.clone());
    }

    /// How long the call ran, waiting not counted.
    #[must_use]
    pub fn ran(&self) -> Duration {
        self.carried.ran + self.started.elapsed().saturating_sub(self.waited)
    }

    /// The session as the calls leave it, and what the next start has to know.
    #[must_use]
    pub fn leave(self) -> SessionState {
        self.carried.ran = self.ran();
        self.carried.touched = self.touched;
        let mut session = self.session;
        session.forget_marks();
        session
    }

    /// The object that stands for a thing in Python.
    pub fn object(&mut self, thing: Thing) -> MontyObject {
        self.object_with(thing, Vec::new())
    }

    fn object_with(&mut self, thing: Thing, attributes: Vec<(&str, MontyObject)>) -> MontyObject {
        let class = thing.class();
        let kind = class
            .bytes()
            .fold(0_u128, |sum, byte| sum * 31 % 1_000_003 + u128::from(byte));
        let class = MontyObject::class_type(class, MontyUuid::from_u128(kind), true, false, []);
        let id = FIRST_ID + self.things.len() as u128;
        self.things.push(thing);
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (MontyObject::string(name), value));
        MontyObject::class_instance(class, MontyUuid::from_u128(id), attributes)
    }

    fn thing(&self, id: MontyUuid) -> Option<Thing> {
        let number = u128::from_be_bytes(*id.as_bytes()).checked_sub(FIRST_ID)?;
        self.things.get(usize::try_from(number).ok()?).cloned()
    }

    /// Python reads an attribute that the object does not carry with it; nothing where there is none.
    ///
    /// # Errors
    /// * [`Trouble`].
    pub fn attribute(&mut self, id: MontyUuid, name: &str) -> Result<Option<MontyObject>, Trouble> {
        self.check()?;
        let read = self.read(id, name);
        self.tell_the_guard();
        read
    }

    fn read(&mut self, id: MontyUuid, name: &str) -> Result<Option<MontyObject>, Trouble> {
        let Some(thing) = self.thing(id) else {
            return Ok(None);
        };
        if let Some(method) = thing.methods().iter().copied().find(|method| *method == name) {
            return Ok(Some(self.object(Thing::Method(Box::new(thing), method))));
        }
        match &thing {
            thing if !thing.may_have(name) => Ok(None),
            Thing::Macro => Ok(self.macro_attribute(name)),
            Thing::Request => self.request_attribute(name),
            Thing::User => Ok(self.user_attribute(name)),
            Thing::Cfg => Ok(self.cfg_attribute(name)),
            Thing::Page(page) => self.page_attribute(page, name),
            _ => Ok(None),
        }
    }

    /// Python calls a method of an object, or a function that the file does not define.
    ///
    /// # Errors
    /// * [`Trouble`].
    pub fn call(&mut self, id: Option<MontyUuid>, name: &str, args: &CallArgs) -> Reply {
        self.check()?;
        let reply = match id.and_then(|id| self.thing(id)) {
            Some(Thing::Method(owner, method)) if name == "__call__" => self.method(&owner, method, args),
            Some(thing) => self.method(&thing, name, args),
            None => Err(raise(ExcType::NameError, format!("name '{name}' is not defined"))),
        };
        self.tell_the_guard();
        reply
    }

    /// Should the call get stuck now, the server has to know what it may have made of what it saw.
    fn tell_the_guard(&mut self) {
        if self.touched != self.told {
            self.told = self.touched;
            self.server.guard().looked(self.touched);
        }
    }

    fn method(&mut self, thing: &Thing, name: &str, args: &CallArgs) -> Reply {
        let args = reading::Args::new(name, args);
        let reply = match thing {
            thing if !thing.may_have(name) => Ok(None),
            Thing::Host => self.host_method(name, &args),
            Thing::Request => self.request_method(name, &args),
            Thing::Formatter => self.formatter_method(name, &args),
            Thing::User => self.user_method(name, &args),
            Thing::May => self.may(name, &args),
            Thing::Clock => self.clock_method(name, &args),
            Thing::Theme => args
                .only(1, &["type", "icon"])
                .and_then(|()| formatter::icon(&args))
                .map(Some),
            Thing::Page(page) => self.page_method(page, name, &args),
            Thing::Macro | Thing::Cfg | Thing::Method(..) => Ok(None),
        }?;
        reply.ok_or_else(|| match name {
            "__call__" => raise(
                ExcType::TypeError,
                format!("'{}' object is not callable", thing.class()),
            ),
            _ => raise(
                ExcType::AttributeError,
                format!("'{}' object has no attribute '{name}'", thing.class()),
            ),
        })
    }

    /// Python wants something of the system: the time, chance, a module; or what it cannot have.
    ///
    /// # Errors
    /// * [`Trouble`].
    pub fn system(&mut self, call: &OsFunctionCall) -> Reply {
        self.check()?;
        match call {
            OsFunctionCall::Import(name) => self.import(name),
            OsFunctionCall::Time(_) => Ok(self.time_float()),
            OsFunctionCall::DateToday => self.today(),
            OsFunctionCall::DateTimeNow(zone) => self.now(zone.as_ref()),
            OsFunctionCall::Urandom(wanted) => self.chance(wanted.size),
            other => Err(raise(
                ExcType::PermissionError,
                format!(
                    "A macro has no files, no environment and no processes: {}()",
                    other.name()
                ),
            )),
        }
    }

    /// Looks at clock and memory, whenever Python is here.
    fn check(&mut self) -> Result<(), Trouble> {
        let live = LIVE_MEMORY.load(Ordering::Relaxed);
        let taken = live.saturating_sub(BASELINE_MEMORY.load(Ordering::Relaxed));
        self.memory = self.memory.max(taken as u64);
        match self.ran() > self.time {
            true => Err(Trouble::Limit(Limit::Time)),
            false => Ok(()),
        }
    }

    /// Asks the server.
    fn ask(&mut self, question: Question) -> Result<Value, Trouble> {
        self.carried.questions += 1;
        if self.carried.questions > self.limits.questions {
            return Err(Trouble::Limit(Limit::Questions));
        }
        let asked = Instant::now();
        let answer = self.server.ask(question);
        self.waited += asked.elapsed();
        match answer {
            Ok(Answer(Ok(value))) => Ok(value),
            Ok(Answer(Err(words))) => Err(raise(ExcType::RuntimeError, words)),
            Err(Gone) => Err(Trouble::Gone),
        }
    }
}
