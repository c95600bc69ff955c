//! A server for one worker: `Wiki` holds what questions are answered with, `Worker` is the process.
//!
//! ```text
//! let mut worker = Worker::start();
//! let result = worker.call("def execute(macro, args):\n    return macro.args", "x");
//! assert_eq!(text(&result), "x");
//! ```

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use grange_macro_protocol::{
    Answer, Call, CallResult, Failure, FromWorker, Job, Limits, Module, ModuleFacts, ModuleId, PageFacts,
    Person, Question, SessionFacts, SyntaxError, ToWorker, Value, Visit, frame,
};

/// What the server knows.
#[derive(Default)]
pub struct Wiki {
    /// Pages and their texts.
    pub pages: BTreeMap<String, String>,
    /// The macro's storage.
    pub stored: BTreeMap<String, Value>,
    /// How many commits are refused before one is taken.
    pub conflicts: usize,
    /// The questions asked so far.
    pub asked: Vec<Question>,
}

impl Wiki {
    fn answer(&mut self, question: Question) -> Answer {
        self.asked.push(question.clone());
        Answer(Ok(match question {
            Question::PageText(page) => self
                .pages
                .get(&page)
                .map_or(Value::Null, |text| text.clone().into()),
            Question::PageFacts(page) => self.pages.get(&page).map_or(Value::Null, |text| facts(text)),
            Question::Exist(pages) => Value::List(
                pages
                    .iter()
                    .map(|page| self.pages.contains_key(page).into())
                    .collect(),
            ),
            Question::PageList => Value::List(self.pages.keys().map(|page| page.clone().into()).collect()),
            Question::May(right, page) => {
                (right == grange_macro_protocol::Right::Read && page != "Secret").into()
            }
            Question::Translate(text) => match text.as_str() {
                "Loaded value %d" => "Загружено значение %d".into(),
                _ => text.into(),
            },
            Question::Dict(page) if page == "ColorsDict" => Value::Map(vec![("red".into(), "#f00".into())]),
            Question::Group(page) if page == "AdminGroup" => Value::List(vec!["Ada".into(), "Bob".into()]),
            Question::Dict(_) | Question::Group(_) => Value::Null,
            Question::InterWiki(wiki, page) if wiki == "Other" => {
                format!("https://other.example/{page}").into()
            }
            Question::InterWiki(..) => Value::Null,
            Question::Attached(_, file) => (file != "none.png").into(),
            Question::Pragma(name) if name == "keywords" => "a, b".into(),
            Question::Pragma(_) => Value::Null,
            Question::StoredAll => Value::Map(self.stored.clone().into_iter().collect()),
            Question::Commit { changes, .. } => self.commit(changes),
        }))
    }

    fn commit(&mut self, changes: Vec<(String, Value)>) -> Value {
        if self.conflicts > 0 {
            self.conflicts -= 1;
            return false.into();
        }
        for (key, value) in changes {
            match value {
                Value::Null => drop(self.stored.remove(&key)),
                value => drop(self.stored.insert(key, value)),
            }
        }
        true.into()
    }
}

fn facts(text: &str) -> Value {
    Value::Map(vec![
        ("revision".into(), 3.into()),
        ("mtime_ms".into(), 1_700_000_000_500.into()),
        ("editor".into(), "Ada".into()),
        ("comment".into(), "mended".into()),
        ("size".into(), (text.len() as i64).into()),
    ])
}

/// The process.
pub struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    /// What its questions are answered with.
    pub wiki: Wiki,
    /// The view's facts of the next jobs.
    pub page: PageFacts,
    /// The view of the next jobs.
    pub visit: Visit,
    /// The session of the next jobs.
    pub session: SessionFacts,
    loaded: u8,
}

impl Worker {
    /// A worker with the usual limits, but more time: the tests' builds are slow and their machines busy.
    pub fn start() -> Worker {
        Worker::with_limits(Limits {
            time_ms: 20_000,
            ..Limits::default()
        })
    }

    /// A worker with these limits.
    pub fn with_limits(limits: Limits) -> Worker {
        let mut worker = Worker::silent();
        worker.say(&ToWorker::Hello(limits));
        assert_eq!(
            worker.hear(),
            FromWorker::Ready {
                version: grange_macro_protocol::VERSION
            }
        );
        worker
    }

    /// A worker to which nobody has said anything.
    pub fn silent() -> Worker {
        let mut child = Command::new(env!("CARGO_BIN_EXE_grange-macro-worker"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Worker {
            input: child.stdin.take(),
            output: child.stdout.take().unwrap(),
            child,
            wiki: Wiki::default(),
            page: PageFacts {
                name: "Front Page".into(),
                base: "/wiki1".into(),
                wiki: "wiki1".into(),
                cfg: vec![("sitename".into(), "Our Wiki".into())],
                language: "en".into(),
            },
            visit: Visit {
                now_ms: 1_700_000_000_250,
                query: vec![("x".into(), "<1>".into())],
                revision: Some(7),
                is_robot: false,
                language: "ru".into(),
                utc_offset_minutes: 120,
                person: Person {
                    name: Some("Ada".into()),
                    id: Some("u1".into()),
                    is_superuser: true,
                },
            },
            session: SessionFacts {
                is_new: false,
                values: Vec::new(),
            },
            loaded: 0,
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Sends a message.
    pub fn say(&mut self, message: &ToWorker) {
        self.send(&frame::encode(message).unwrap());
    }

    /// Closes the pipe and waits for the end.
    pub fn end(&mut self) -> ExitStatus {
        drop(self.input.take());
        self.child.wait().unwrap()
    }

    /// The next message.
    pub fn hear(&mut self) -> FromWorker {
        self.try_to_hear()
            .unwrap_or_else(|| panic!("the worker has ended: {}", self.end()))
    }

    /// The next message, or nothing from a worker that has ended.
    pub fn try_to_hear(&mut self) -> Option<FromWorker> {
        let mut head = [0; frame::HEAD];
        self.output.read_exact(&mut head).ok()?;
        let mut bytes = vec![0; frame::length(head).unwrap()];
        self.output.read_exact(&mut bytes).ok()?;
        Some(frame::decode(&bytes).unwrap())
    }

    /// Loads a file under the name `Test`.
    pub fn load(&mut self, source: &str) -> Result<(ModuleId, ModuleFacts), SyntaxError> {
        self.load_with(source, &[])
    }

    /// Loads a file with helpers beside it.
    pub fn load_with(
        &mut self,
        source: &str,
        helpers: &[(&str, &str)],
    ) -> Result<(ModuleId, ModuleFacts), SyntaxError> {
        self.loaded += 1;
        self.load_as(ModuleId([self.loaded; 32]), source, helpers)
    }

    /// Loads a file under another name.
    pub fn load_named(&mut self, name: &str, source: &str) -> Result<(ModuleId, ModuleFacts), SyntaxError> {
        let id = ModuleId([255; 32]);
        let named = Module {
            name: name.into(),
            file: format!("{name}.py"),
            ..module(id, source, &[])
        };
        self.say(&ToWorker::Load(named));
        match self.hear() {
            FromWorker::Loaded(loaded) => loaded.map(|facts| (id, facts)),
            other => panic!("{other:?}"),
        }
    }

    /// Loads a file under an id.
    pub fn load_as(
        &mut self,
        id: ModuleId,
        source: &str,
        helpers: &[(&str, &str)],
    ) -> Result<(ModuleId, ModuleFacts), SyntaxError> {
        self.say(&ToWorker::Load(module(id, source, helpers)));
        match self.hear() {
            FromWorker::Loaded(loaded) => loaded.map(|facts| (id, facts)),
            other => panic!("{other:?}"),
        }
    }

    /// Sends a file and waits for nothing.
    pub fn say_module(&mut self, id: u8, source: &str) {
        self.say(&ToWorker::Load(module(ModuleId([id; 32]), source, &[])));
    }

    /// A job with these calls of one module.
    pub fn job(&self, module: ModuleId, arguments: &[Option<&str>]) -> Job {
        let calls = arguments.iter().map(|arguments| Call {
            module,
            arguments: arguments.map(str::to_owned),
            time_ms: 20_000,
        });
        Job {
            time_ms: 10_000,
            calls: calls.collect(),
            page: self.page.clone(),
            visit: self.visit.clone(),
            session: self.session.clone(),
        }
    }

    /// Runs a job, answering its questions.
    pub fn run(&mut self, job: Job) -> Vec<CallResult> {
        match self.run_to_message(job) {
            Some(FromWorker::Done(results)) => results,
            Some(other) => panic!("{other:?}"),
            None => panic!("the worker has ended: {}", self.end()),
        }
    }

    /// Runs a job up to the message that ends it, or to the worker's end.
    pub fn run_to_message(&mut self, job: Job) -> Option<FromWorker> {
        self.say(&ToWorker::Run(Box::new(job)));
        loop {
            match self.try_to_hear()? {
                FromWorker::Ask { question, .. } => {
                    let answer = self.wiki.answer(question);
                    self.say(&ToWorker::Answer(answer));
                }
                other => return Some(other),
            }
        }
    }

    /// Loads a file and calls it once.
    pub fn call(&mut self, source: &str, arguments: &str) -> CallResult {
        let (module, _) = self.load(source).unwrap();
        let job = self.job(module, &[Some(arguments)]);
        self.run(job).remove(0)
    }

    /// What an `execute` with this body gives back.
    pub fn body(&mut self, body: &str) -> CallResult {
        self.call(&execute(body), "a")
    }

    /// The text of an expression's value.
    pub fn value(&mut self, expression: &str) -> String {
        let result = self.body(&format!("return str(({expression}))"));
        text(&result).to_owned()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn module(id: ModuleId, source: &str, helpers: &[(&str, &str)]) -> Module {
    Module {
        id,
        name: "Test".into(),
        file: "Test.py".into(),
        source: source.into(),
        helpers: helpers
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect(),
    }
}

/// A file with this body of `execute`.
pub fn execute(body: &str) -> String {
    let body = body.replace('\n', "\n    ");
    format!("def execute(macro, args):\n    {body}\n")
}

/// The text that a call gave back.
pub fn text(result: &CallResult) -> &str {
    result
        .output
        .as_deref()
        .unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// The failure of a call.
pub fn failure(result: &CallResult) -> &Failure {
    result.output.as_ref().expect_err("it should have failed")
}

/// The message of a call that raised an exception.
pub fn raised(result: &CallResult) -> &str {
    match failure(result) {
        Failure::Raised { message, .. } => message,
        other => panic!("{other:?}"),
    }
}
