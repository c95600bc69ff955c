//! A real browser: Debian's Chromium, driven by its own ChromeDriver.
//!
//! The harness starts the driver on a free port and ends it afterwards, also when a story ends
//! badly. Host names below `example.org` lead to this machine; nothing leaves it. A story is told
//! with a [`Window`], which is fantoccini's client and knows what the browser complained about.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with an empty profile.
struct Browser {
    window: Window,
    _profile: TempDir,
    _driver: Driver,
}

/// ChromeDriver; it ends when this is dropped.
struct Driver {
    process: Child,
    port: u16,
}

/// The browser's one window.
#[derive(Clone)]
pub struct Window {
    client: Client,
    driver: u16,
}

/// The size of a window.
#[derive(Clone, Copy, Debug)]
pub enum Screen {
    /// 390 by 844.
    Phone,
    /// 1280 by 900.
    Desktop,
}

/// Runs a story in a browser of its own.
pub fn in_browser<F>(screen: Screen, story: impl FnOnce(Window) -> F)
where
    F: Future<Output = Result<(), CmdError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let browser = Browser::open(screen).await;
        let told = AssertUnwindSafe(story(browser.window.clone()))
            .catch_unwind()
            .await;
        // However it ended: a browser that nobody closes stays.
        browser.close().await;
        match told {
            Ok(told) => told.expect("the story ends well"),
            Err(panic) => resume_unwind(panic),
        }
    });
}

impl Deref for Window {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Window {
    /// The text of the first element that a selector finds.
    pub async fn words(&self, selector: &str) -> Result<String, CmdError> {
        self.find(Locator::Css(selector)).await?.text().await
    }

    /// Whether a selector finds anything.
    pub async fn has(&self, selector: &str) -> Result<bool, CmdError> {
        Ok(!self.find_all(Locator::Css(selector)).await?.is_empty())
    }

    /// Clicks on the first element that a selector finds; nothing is waited for.
    pub async fn press(&self, selector: &str) -> Result<(), CmdError> {
        self.find(Locator::Css(selector)).await?.click().await
    }

    /// Clicks on a link or the button of a form, and waits until the page that it leads to stands.
    pub async fn follow(&self, selector: &str) -> Result<(), CmdError> {
        self.execute("globalThis.pageBefore = true", Vec::new()).await?;
        self.press(selector).await?;
        let deadline = Instant::now() + Duration::from_secs(20);
        let arrived = "globalThis.pageBefore === undefined && document.readyState === 'complete'";
        // Between two pages there is none to ask; that is an error and no answer.
        while self.ask(arrived).await.ok() != Some(Value::Bool(true)) {
            assert!(Instant::now() < deadline, "{selector} leads nowhere");
        }
        Ok(())
    }

    /// Waits until the window shows this address, however many pages lie on the way.
    pub async fn arrive_at(&self, url: &str) -> Result<(), CmdError> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let arrived = format!("location.href === {url:?} && document.readyState === 'complete'");
        while self.ask(&arrived).await.ok() != Some(Value::Bool(true)) {
            assert!(Instant::now() < deadline, "{url} is never reached");
        }
        Ok(())
    }

    /// Writes into a field, in place of what stands there.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<(), CmdError> {
        let field = self.find(Locator::Css(selector)).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// What a JavaScript expression says in this page.
    pub async fn ask(&self, expression: &str) -> Result<Value, CmdError> {
        self.execute(&format!("return ({expression});"), Vec::new()).await
    }

    /// Everything on the console since the last time: errors of scripts, refusals of the content
    /// security policy, files that did not load.
    pub async fn complaints(&self) -> Result<Vec<String>, CmdError> {
        let session = self.session_id().await?.expect("a session");
        let body = r#"{"type":"browser"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", self.driver)).expect("the driver");
        write!(
            stream,
            "POST /session/{session}/se/log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("the question is sent");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        let said: Value = serde_json::from_slice(&read_body(stream).expect("an answer")).expect("JSON");
        let lines = said["value"].as_array().expect("a list of lines");
        Ok(lines
            .iter()
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }
}

impl Browser {
    /// Starts driver and browser.
    async fn open(screen: Screen) -> Browser {
        let driver = Driver::start();
        let port = driver.port;
        let profile = tempfile::tempdir().expect("a profile directory");
        let (width, height) = match screen {
            Screen::Phone => (390, 844),
            Screen::Desktop => (1280, 900),
        };
        let mut options = json!({
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--host-resolver-rules=MAP *.example.org 127.0.0.1, MAP example.org 127.0.0.1",
                format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.path().display()),
            ],
        });
        if let Screen::Phone = screen {
            // A window alone is never narrower than 500 pixels.
            let device =
                json!({ "width": width, "height": height, "pixelRatio": 2.0, "touch": true, "mobile": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": device });
        }
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts (apt-get install chromium chromium-driver)");
        Browser {
            window: Window { client, driver: port },
            _profile: profile,
            _driver: driver,
        }
    }

    async fn close(self) {
        let _ = self.window.client.clone().close().await;
    }
}

impl Driver {
    fn start() -> Driver {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .expect("ChromeDriver is installed (apt-get install chromium-driver)");
        let out = process.stdout.take().expect("its stdout");
        let mut driver = Driver { process, port: 0 };
        let mut lines = BufReader::new(out).lines();
        // The first line names the port that was asked for, 0; a later one the real one.
        driver.port = lines
            .by_ref()
            .map_while(Result::ok)
            .filter_map(|line| {
                line.split("on port ")
                    .nth(1)
                    .and_then(|rest| rest.trim_end_matches('.').parse().ok())
            })
            .find(|port| *port > 0)
            .expect("ChromeDriver says its port");
        // Keep reading, so that the driver never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        driver
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The body of an answer on a connection that may stay open.
fn read_body(stream: TcpStream) -> std::io::Result<Vec<u8>> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line)? > 0 && line != "\r\n" {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}
