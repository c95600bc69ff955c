//! Too large, too strange, too broken: requests that no browser would send get a status and no more.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::{FRONT, farm};
use crate::harness::{Farm, SINGLE};

/// The head of a request to the wiki, to be followed by whatever comes.
fn request(line: &str, headers: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: wiki.example.org\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

#[test]
fn a_body_over_the_limit_is_413_announced_or_not() {
    let farm = Farm::start(&SINGLE.replace(
        "at =",
        "max_page_bytes = 1024\nacl_rights_default = \"All:read,write\"\nat =",
    ));
    let visitor = farm.visitor();
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let announced = request(
        "POST /X?action=edit",
        &format!("{kind}Content-Length: 10000000\r\n"),
    );
    let answer = visitor.raw(&announced);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let mut chunked = request(
        "POST /X?action=edit",
        &format!("{kind}Transfer-Encoding: chunked\r\n"),
    );
    for _ in 0..20 {
        chunked.extend_from_slice(b"2000\r\n");
        chunked.extend_from_slice(&[b'a'; 0x2000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = visitor.raw(&chunked);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn a_target_over_eight_kib_is_414() {
    let farm = farm();
    let visitor = farm.visitor();
    for target in [
        format!("/{}", "a".repeat(9000)),
        format!("/FrontPage?x={}", "a".repeat(9000)),
    ] {
        let answer = visitor.raw(&request(&format!("GET {target}"), ""));
        assert!(answer.starts_with("HTTP/1.1 414"), "{answer}");
    }
    let fits = visitor.raw(&request(&format!("GET /FrontPage?x={}", "a".repeat(7000)), ""));
    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
}

/// A head with cookies of this many bytes altogether, and the page that answers it.
fn with_cookies(farm: &Farm, bytes: usize) -> String {
    let cookies: Vec<String> = (0..bytes.div_ceil(4096))
        .map(|number| format!("planted{number:04}={}", "x".repeat(4084)))
        .collect();
    let headers = format!("Cookie: {}\r\nAccept: text/html\r\n", cookies.join("; "));
    farm.visitor().raw(&request("GET /FrontPage", &headers))
}

#[test]
fn cookies_of_60_kib_are_no_trouble_and_more_are_a_431_that_says_what_to_do() {
    let farm = farm();
    let fits = with_cookies(&farm, 60 * 1024);
    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
    // 70 KiB, what the HTTP layer just reads, what it does not, and the most that a browser keeps for a site.
    for bytes in [70, 127, 140, 180 * 4] {
        let answer = with_cookies(&farm, bytes * 1024);
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431"), "{bytes} KiB: {head}");
        let lower = head.to_lowercase();
        assert!(lower.contains("content-type: text/html"), "{head}");
        assert!(
            page.contains("Too many cookies") && page.contains("wiki.example.org"),
            "{page}"
        );
        assert!(page.contains("delete") && !lower.contains("set-cookie"));
    }
}

#[test]
fn nothing_is_read_behind_a_head_that_was_cut() {
    let farm = farm();
    let long = format!(
        "GET /FrontPage HTTP/1.1\r\nHost: wiki.example.org\r\nCookie: {}\r\n\r\n",
        "x".repeat(200_000)
    );
    let both = [long.into_bytes(), request("GET /FrontPage", "")].concat();
    let answer = farm.visitor().raw(&both);
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[test]
fn a_connection_whose_head_was_cut_is_closed_whatever_body_was_announced() {
    let farm = farm();
    let cookie = format!("Cookie: {}\r\n", "x".repeat(200_000));
    for body in ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
        // `raw` returns when the server has closed the connection.
        let answer = farm
            .visitor()
            .raw(&request("POST /FrontPage", &format!("{cookie}{body}")));
        assert!(answer.starts_with("HTTP/1.1 431"), "{body}: {answer}");
    }
}

#[test]
fn a_form_of_another_kind_is_415() {
    let farm = farm();
    let visitor = farm.visitor();
    for kind in [
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "nonsense",
    ] {
        let post = request(
            "POST /X?action=login",
            &format!("Content-Type: {kind}\r\nContent-Length: 2\r\n"),
        );
        let answer = visitor.raw(&[post, b"{}".to_vec()].concat());
        assert!(answer.starts_with("HTTP/1.1 415"), "{kind}: {answer}");
    }
}

#[test]
fn a_host_that_is_none_is_400() {
    let farm = farm();
    let visitor = farm.visitor();
    let hosts = [
        "Host: a/b",
        "Host: user@wiki.example.org",
        "Host: wiki.example.org:port",
        "Host: wiki.example.org:99999",
        "Host: ",
        "Host: a b",
        "Host: [::1",
        "Host: \u{fffd}",
        "Host: wiki.example.org?x",
        "Host: wiki.example.org#x",
        "Host: a..b",
        "X: y",
        "Host: one.example\r\nHost: two.example",
    ];
    for host in hosts {
        let answer = visitor.raw(format!("GET / HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{host:?}: {answer}");
        assert!(!answer.to_lowercase().contains("set-cookie"));
    }
}

#[test]
fn an_absolute_target_uses_its_own_authority() {
    let farm = Farm::start("[wiki.one]\nat = [\"one.example\"]\n[wiki.two]\nat = [\"two.example\"]\n");
    let answer = farm
        .visitor()
        .raw(b"GET http://two.example/X HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n");
    assert!(
        answer.contains("name=\"grange-wiki\" content=\"two\""),
        "{answer}"
    );
    let nowhere = farm
        .visitor()
        .raw(b"GET http://three.example/X HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n");
    assert!(nowhere.contains("No wiki is configured"), "{nowhere}");
}

#[test]
fn requests_in_a_row_on_one_connection_are_answered_in_order() {
    let farm = farm();
    let mut stream = TcpStream::connect(farm.address(0)).unwrap();
    for page in ["FrontPage", "One", "Two"] {
        write!(
            stream,
            "GET /{page}?action=raw HTTP/1.1\r\nHost: wiki.example.org\r\n\r\n"
        )
        .unwrap();
    }
    stream
        .write_all(&request("GET /FrontPage?action=raw", ""))
        .unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3])
        .collect();
    assert_eq!(statuses, ["200", "404", "404", "200"]);
}

#[test]
fn garbage_is_refused_and_the_server_goes_on() {
    let farm = farm();
    let visitor = farm.visitor();
    let mut garbage: Vec<Vec<u8>> = vec![
        b"\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
        b"POST /X?action=edit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n".to_vec(),
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: \xff\xfe=\x80\r\nConnection: close\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        [b"GET / HTTP/1.1\r\nHost: x\r\nX: ".to_vec(), vec![b'a'; 400_000], b"\r\n\r\n".to_vec()].concat(),
    ];
    garbage.push(
        (0..5000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect(),
    );
    for bytes in garbage {
        let mut stream = TcpStream::connect(farm.address(0)).unwrap();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            !answer.starts_with("HTTP/1.1 5"),
            "{:?}: {answer}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(80)])
        );
    }
    assert_eq!(
        farm.visitor().get(FRONT).status,
        200,
        "still there: {}",
        visitor.raw(&request("GET /", ""))
    );
    assert!(!farm.log().contains("panicked"), "{}", farm.log());
}

#[test]
fn form_fields_of_every_shape_are_no_reason_to_fail() {
    let farm = farm();
    let visitor = farm.visitor();
    let bodies: [&[u8]; 8] = [
        b"",
        b"&&&",
        b"=",
        b"ticket",
        b"ticket=%ff%fe&name=%00",
        b"ticket=a&ticket=b",
        b"rev=99999999999999999999",
        b"\xff\xfe\x00",
    ];
    for action in [
        "edit",
        "login",
        "logout",
        "newaccount",
        "revert",
        "rename",
        "delete",
        "suid",
    ] {
        for body in bodies {
            let head = request(
                &format!("POST /X?action={action}"),
                &format!(
                    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                    body.len()
                ),
            );
            let answer = visitor.raw(&[&head, body].concat());
            let status = &answer[9..12];
            assert!(["403", "400"].contains(&status), "{action} {body:?}: {answer}");
        }
    }
}
