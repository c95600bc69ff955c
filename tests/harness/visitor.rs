//! A person with a browser: follows no redirect unless told, keeps cookies, fills forms.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use super::Answer;
use super::jar::{Jar, Place};

/// Somebody who visits a farm.
#[derive(Clone)]
pub struct Visitor {
    server: SocketAddr,
    client: Client,
    /// The visitor's cookies.
    pub jar: Jar,
    headers: Vec<(String, String)>,
}

/// An address split into the parts that matter here.
struct Split<'a> {
    https: bool,
    authority: &'a str,
    host: &'a str,
    target: &'a str,
    path: &'a str,
}

impl Visitor {
    /// Somebody with an empty jar who talks to this server whatever the host in an address is.
    pub fn of(server: SocketAddr) -> Visitor {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("an HTTP client");
        Visitor {
            server,
            client,
            jar: Jar::default(),
            headers: Vec::new(),
        }
    }

    /// The same person (cookies and all) at another listener or process.
    pub fn at(&self, server: SocketAddr) -> Visitor {
        Visitor {
            server,
            ..self.clone()
        }
    }

    /// Sends this header with every request from now on.
    pub fn with_header(mut self, name: &str, value: &str) -> Visitor {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// GETs an address.
    pub fn get(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url, None, &[])
    }

    /// HEADs an address.
    pub fn head(&mut self, url: &str) -> Answer {
        self.send(Method::HEAD, url, None, &[])
    }

    /// POSTs the form that brings a file: the fields, then the file with the name it has on the sender's machine.
    pub fn post_file(&mut self, url: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let boundary = "--grange-test-boundary-7f3a";
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/html\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let form = (format!("multipart/form-data; boundary={boundary}"), body);
        self.try_send(Method::POST, url, Some(form), &[])
            .unwrap_or_else(|cause| panic!("{url}: {cause:?}"))
    }

    /// Attaches a file through the form of a page; the answer to the POST itself.
    pub fn attach(&mut self, page: &str, name: &str, bytes: &[u8], more: &[(&str, &str)]) -> Answer {
        let url = format!("{page}?action=AttachFile");
        let form = self.get(&url);
        let ticket = form
            .ticket("AttachFile")
            .unwrap_or_else(|| panic!("no form at {url}:\n{}", form.text()));
        let mut fields = vec![("ticket", ticket.as_str()), ("do", "upload")];
        fields.extend_from_slice(more);
        self.post_file(&url, &fields, name, bytes)
    }

    /// GETs with headers of this request alone.
    pub fn get_with(&mut self, url: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, url, None, headers)
    }

    /// POSTs form fields.
    pub fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, url, Some(urlencoded(fields)), &[])
    }

    /// POSTs form fields with headers of this request alone.
    pub fn post_with(&mut self, url: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, url, Some(urlencoded(fields)), headers)
    }

    /// Follows a redirect to its end.
    pub fn follow(&mut self, from: &str, answer: Answer) -> Answer {
        let mut answer = answer;
        let mut at = from.to_owned();
        for _ in 0..5 {
            let Some(location) = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status))
            else {
                break;
            };
            at = absolute(&at, location);
            answer = self.get(&at);
        }
        answer
    }

    /// Sends the form that an action's page offers, with its own ticket and these fields; the answer to the POST itself.
    pub fn fill_in(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!("{page}?action={action}");
        let form = self.get(&url);
        let ticket = form
            .ticket(action)
            .unwrap_or_else(|| panic!("no form for {action}:\n{}", form.text()));
        let mut all = vec![("ticket", ticket.as_str())];
        all.extend_from_slice(fields);
        self.post(&url, &all)
    }

    /// The same, and follows the redirect.
    pub fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.fill_in(page, action, fields);
        self.follow(&format!("{page}?action={action}"), answer)
    }

    /// Logs in through the form.
    pub fn log_in(&mut self, page: &str, name: &str, password: &str) -> Answer {
        self.submit(page, "login", &[("name", name), ("password", password)])
    }

    /// Logs in and asks to be remembered.
    pub fn log_in_to_stay(&mut self, page: &str, name: &str, password: &str) -> Answer {
        self.submit(
            page,
            "login",
            &[("name", name), ("password", password), ("remember_me", "1")],
        )
    }

    /// Presses the logout button that stands on a page.
    pub fn log_out(&mut self, page: &str) -> Answer {
        let shown = self.get(page);
        let ticket = shown.ticket("logout").expect("a logout form");
        let url = format!("{page}?action=logout");
        let answer = self.post(&url, &[("ticket", &ticket)]);
        self.follow(&url, answer)
    }

    /// Makes an account through the form.
    pub fn register(&mut self, page: &str, name: &str, password: &str) -> Answer {
        let fields = [
            ("name", name),
            ("password1", password),
            ("password2", password),
            ("email", ""),
        ];
        self.submit(page, "newaccount", &fields)
    }

    /// Edits a page through the form, on top of what stands there.
    pub fn edit(&mut self, page: &str, text: &str) -> Answer {
        let url = format!("{page}?action=edit");
        let form = self.get(&url);
        let ticket = form
            .ticket("edit")
            .unwrap_or_else(|| panic!("no editor at {url}:\n{}", form.text()));
        let base = form.field("rev").expect("the base revision");
        let answer = self.post(
            &url,
            &[
                ("ticket", &ticket),
                ("rev", &base),
                ("savetext", text),
                ("button_save", "Save"),
            ],
        );
        self.follow(&url, answer)
    }

    /// Sends bytes as they are on a connection of their own and reads what comes back; for requests
    /// that no proper client would send. The server has to close it.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.server).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        stream.write_all(bytes).expect("the bytes are sent");
        let mut answer = Vec::new();
        // A reset closes it too.
        if let Err(error) = stream.read_to_end(&mut answer) {
            let is_open = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(!is_open, "the server closes the connection");
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// POSTs to a server that may die meanwhile.
    pub fn try_post(&mut self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, reqwest::Error> {
        self.try_send(Method::POST, url, Some(urlencoded(fields)), &[])
    }

    /// Hears a Set-Cookie line that another tab of the same browser got at this address.
    pub fn take(&mut self, url: &str, line: &str) {
        let split = Split::of(url);
        self.jar.take(
            line,
            Place {
                host: split.host,
                path: split.path,
                https: split.https,
            },
        );
    }

    fn send(&mut self, method: Method, url: &str, form: Option<Form>, headers: &[(&str, &str)]) -> Answer {
        self.try_send(method, url, form, headers)
            .unwrap_or_else(|cause| panic!("{url}: {cause:?}"))
    }

    fn try_send(
        &mut self,
        method: Method,
        url: &str,
        form: Option<Form>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let split = Split::of(url);
        let place = Place {
            host: split.host,
            path: split.path,
            https: split.https,
        };
        let mut request = self
            .client
            .request(method, format!("http://{}{}", self.server, split.target))
            .header("host", split.authority);
        if split.https {
            request = request
                .header("x-forwarded-proto", "https")
                .header("x-forwarded-host", split.authority);
        }
        if let Some(cookies) = self.jar.header(place) {
            request = request.header("cookie", cookies);
        }
        for (name, value) in self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(headers.iter().copied())
        {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = form {
            request = request.header("content-type", kind).body(body);
        }
        let answer = read(request.send()?)?;
        for line in answer.set_cookies() {
            self.jar.take(line, place);
        }
        Ok(answer)
    }
}

impl Split<'_> {
    fn of(url: &str) -> Split<'_> {
        let (scheme, rest) = url.split_once("://").expect("an absolute address");
        let (authority, target) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        let path = target.split('?').next().unwrap_or("/");
        Split {
            https: scheme == "https",
            authority,
            host,
            target,
            path,
        }
    }
}

fn read(response: reqwest::blocking::Response) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let body = response.bytes()?.to_vec();
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// A body and what it is.
type Form = (String, Vec<u8>);

fn urlencoded(fields: &[(&str, &str)]) -> Form {
    let fields = serde_urlencoded::to_string(fields).expect("form fields");
    (
        "application/x-www-form-urlencoded".to_owned(),
        fields.into_bytes(),
    )
}

/// A location header as a browser resolves it; ours are absolute or begin with a slash.
pub fn absolute(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let (scheme, rest) = base.split_once("://").expect("an absolute base");
    let authority = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{authority}{location}")
}
