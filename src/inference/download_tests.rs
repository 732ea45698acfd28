//! Downloads from a server on this machine that misbehaves in every way named.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use parking_lot::Mutex;

use super::*;

/// What the server does with one request.
#[derive(Clone, Debug)]
enum Answer {
    Whole,
    /// Honours a `Range` header.
    Ranged,
    /// Announces everything, sends so many bytes, and closes.
    Cut(usize),
    /// Sends so many bytes and then nothing, for longer than the client waits.
    Stall(usize),
    Redirect(String),
    Status(u16),
    /// Sends this instead.
    Other(Vec<u8>),
}

struct Server {
    url: String,
    /// Request heads that came, in order.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `content`, taking the answers in turn and repeating the last.
    fn start(content: &[u8], answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model.onnx", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (content, log) = (content.to_vec(), requests.clone());
        crate::jobs::spawn("test server", move || {
            for (number, stream) in listener.incoming().enumerate() {
                let answer = answers[number.min(answers.len() - 1)].clone();
                let _ = serve(stream.unwrap(), &content, answer, &log);
            }
        })
        .unwrap();
        Self { url, requests }
    }

    fn remote(&self, content: &[u8]) -> Remote {
        Remote {
            url: self.url.clone(),
            bytes: content.len() as u64,
            sha256: format!("{:x}", Sha256::digest(content)),
        }
    }
}

fn serve(
    mut stream: TcpStream,
    content: &[u8],
    answer: Answer,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while reader.read_line(&mut head)? > 2 {}
    let start: Option<usize> = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("range: bytes=")
                .map(str::to_owned)
        })
        .and_then(|range| range.trim_end_matches('-').parse().ok());
    log.lock().push(head);
    let ok = |len: usize| {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n")
    };
    match answer {
        Answer::Whole => {
            stream.write_all(ok(content.len()).as_bytes())?;
            stream.write_all(content)
        }
        Answer::Ranged => {
            let start = start.unwrap_or(0);
            let rest = &content[start..];
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {start}-{}/{}\r\nConnection: close\r\n\r\n",
                rest.len(),
                content.len() - 1,
                content.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(rest)
        }
        Answer::Cut(bytes) => {
            stream.write_all(ok(content.len()).as_bytes())?;
            stream.write_all(&content[..bytes])
        }
        Answer::Stall(bytes) => {
            stream.write_all(ok(content.len()).as_bytes())?;
            stream.write_all(&content[..bytes])?;
            stream.flush()?;
            // Until the client gives up and closes.
            let mut rest = [0; 1];
            let _ = stream.read(&mut rest);
            Ok(())
        }
        Answer::Redirect(to) => {
            let head = format!(
                "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes())
        }
        Answer::Status(status) => {
            let head =
                format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes())
        }
        Answer::Other(bytes) => {
            stream.write_all(ok(bytes.len()).as_bytes())?;
            stream.write_all(&bytes)
        }
    }
}

fn content() -> Vec<u8> {
    (0..300_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn impatient(attempts: usize) -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(300),
        attempts,
    }
}

struct Outcome {
    result: Result<(), DownloadError>,
    target: PathBuf,
    requests: Vec<String>,
    progress: Vec<u64>,
    _dir: tempfile::TempDir,
}

fn download(answers: Vec<Answer>, attempts: usize) -> Outcome {
    let content = content();
    let server = Server::start(&content, answers);
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("model.onnx");
    let mut progress = Vec::new();
    let result = fetch(
        &server.remote(&content),
        &target,
        impatient(attempts),
        &CancelToken::new(),
        &mut |done, total| {
            assert_eq!(total, content.len() as u64);
            progress.push(done);
        },
    );
    let requests = server.requests.lock().clone();
    Outcome {
        result,
        target,
        requests,
        progress,
        _dir: dir,
    }
}

impl Outcome {
    fn message(&self) -> String {
        assert!(
            !self.target.exists(),
            "nothing may lie under the final name"
        );
        self.result.as_ref().unwrap_err().to_string()
    }

    fn arrived(&self) {
        self.result.as_ref().unwrap();
        assert_eq!(std::fs::read(&self.target).unwrap(), content());
        assert!(!part_path(&self.target).exists());
        assert_eq!(self.progress.last(), Some(&300_000));
    }
}

#[test]
fn a_whole_file_arrives_with_rising_progress() {
    let outcome = download(vec![Answer::Whole], 1);
    outcome.arrived();
    assert!(outcome.progress.is_sorted());
    assert_eq!(outcome.requests.len(), 1);
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let outcome = download(vec![Answer::Cut(100_000), Answer::Ranged], 3);
    outcome.arrived();
    assert_eq!(outcome.requests.len(), 2);
    let second = outcome.requests[1].to_ascii_lowercase();
    assert!(second.contains("range: bytes=100000-"), "{second}");
}

#[test]
fn a_server_that_cannot_resume_is_read_from_the_beginning() {
    download(vec![Answer::Cut(100_000), Answer::Whole], 3).arrived();
}

#[test]
fn a_file_that_always_breaks_off_keeps_its_part_for_the_next_run() {
    let outcome = download(vec![Answer::Cut(1000)], 2);
    let message = outcome.message();
    assert!(
        message.contains("1000 of 300000 bytes") && message.contains("run the command again"),
        "{message}"
    );
    assert_eq!(
        std::fs::metadata(part_path(&outcome.target)).unwrap().len(),
        1000
    );
}

#[test]
fn silence_ends_after_the_stated_time() {
    let outcome = download(vec![Answer::Stall(5000)], 1);
    let message = outcome.message();
    assert!(
        message.contains("sent nothing for") && message.contains("5000 of 300000"),
        "{message}"
    );
}

#[test]
fn a_redirect_is_followed() {
    let content = content();
    let real = Server::start(&content, vec![Answer::Whole]);
    download(vec![Answer::Redirect(real.url.clone())], 1).arrived();
    assert_eq!(real.requests.lock().len(), 1);
}

#[test]
fn a_missing_file_says_its_status_and_is_not_tried_again() {
    let outcome = download(vec![Answer::Status(404)], 4);
    assert!(outcome.message().contains("status 404"));
    assert_eq!(outcome.requests.len(), 1);
}

#[test]
fn another_file_of_the_same_size_or_another_size_is_thrown_away() {
    let mut changed = content();
    changed[7] ^= 1;
    let outcome = download(vec![Answer::Other(changed)], 2);
    assert!(outcome.message().contains("SHA-256"));
    assert!(!part_path(&outcome.target).exists());
    let outcome = download(vec![Answer::Other(b"<html>Sign in</html>".to_vec())], 2);
    assert!(outcome.message().contains("20 bytes instead of 300000"));
    assert!(!part_path(&outcome.target).exists());
}

#[test]
fn no_server_at_all_is_a_clear_sentence() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let dir = tempfile::tempdir().unwrap();
    let remote = Remote {
        url: format!("http://127.0.0.1:{port}/x.onnx"),
        bytes: 10,
        sha256: "00".repeat(32),
    };
    let result = fetch(
        &remote,
        &dir.path().join("x.onnx"),
        impatient(2),
        &CancelToken::new(),
        &mut |_, _| {},
    );
    let message = result.unwrap_err().to_string();
    assert!(
        message.contains("cannot be reached") && message.contains("check the connection"),
        "{message}"
    );
    let place = dir.path().join("x.onnx").display().to_string();
    assert!(message.contains(&format!("at {place},")), "{message}");
}

#[test]
fn a_right_file_that_is_there_already_is_not_asked_for() {
    let content = content();
    let server = Server::start(&content, vec![Answer::Status(500)]);
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("model.onnx");
    std::fs::write(&target, &content).unwrap();
    fetch(
        &server.remote(&content),
        &target,
        impatient(1),
        &CancelToken::new(),
        &mut |_, _| {},
    )
    .unwrap();
    assert!(server.requests.lock().is_empty());
}

#[test]
fn a_cancel_keeps_what_came() {
    let content = content();
    let server = Server::start(&content, vec![Answer::Whole]);
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("model.onnx");
    let cancel = CancelToken::new();
    let stop = cancel.clone();
    let result = fetch(
        &server.remote(&content),
        &target,
        impatient(3),
        &cancel,
        &mut |done, _| {
            if done > 0 {
                stop.cancel();
            }
        },
    );
    assert!(matches!(result, Err(DownloadError::Cancelled)));
    let kept = std::fs::metadata(part_path(&target)).unwrap().len();
    assert!(kept > 0 && kept < 300_000, "{kept}");
}
