//! A real browser: Debian's Chromium, driven by its own ChromeDriver.
//!
//! The harness starts the driver on a free port and ends it afterwards. Host names below
//! `example.org` lead to this machine; nothing leaves it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

/// A browser with an empty profile.
pub struct Browser {
    /// What drives it.
    pub client: Client,
    _profile: TempDir,
    driver: Child,
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
pub fn in_browser<F>(screen: Screen, story: impl FnOnce(Client) -> F)
where
    F: Future<Output = Result<(), fantoccini::error::CmdError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let browser = Browser::open(screen).await;
        let told = story(browser.client.clone()).await;
        browser.close().await;
        told.expect("the story ends well");
    });
}

impl Browser {
    /// Starts driver and browser.
    pub async fn open(screen: Screen) -> Browser {
        let (driver, port) = start_driver();
        let profile = tempfile::tempdir().expect("a profile directory");
        let (width, height) = match screen {
            Screen::Phone => (390, 844),
            Screen::Desktop => (1280, 900),
        };
        let options = json!({
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--host-resolver-rules=MAP *.example.org 127.0.0.1, MAP example.org 127.0.0.1",
                format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.path().display()),
            ],
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts (apt-get install chromium chromium-driver)");
        Browser { client, _profile: profile, driver }
    }

    async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn start_driver() -> (Child, u16) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .expect("ChromeDriver is installed (apt-get install chromium-driver)");
    let out = driver.stdout.take().expect("its stdout");
    let mut lines = BufReader::new(out).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split("on port ").nth(1).and_then(|rest| rest.trim_end_matches('.').parse().ok()))
        .expect("ChromeDriver says its port");
    // Keep reading, so that the driver never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (driver, port)
}
