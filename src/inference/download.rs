//! Downloads one file of known size and hash: progress, resume, a limit on silence, and nothing but
//! the right file under its name.
//!
//! Knows nothing of bundles. The part that has come lies beside the target (`.part`) until it is
//! whole and right.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::jobs::CancelToken;

/// The file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub url: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// Longest time without a byte.
    pub silence: Duration,
    /// How often a broken connection is taken up again.
    pub attempts: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            attempts: 4,
        }
    }
}

/// Why the file is not here.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error(
        "{url} cannot be reached ({reason}); check the connection, or put the file, downloaded elsewhere, at {target}, and run the command again"
    )]
    Unreachable {
        url: String,
        reason: String,
        /// Where a file that came another way is looked for.
        target: PathBuf,
    },
    #[error(
        "{url} answered with status {status}; the file has moved or is withheld, try again later"
    )]
    Status { url: String, status: u16 },
    #[error(
        "{url} sent nothing for {secs} s; {done} of {total} bytes are kept, run the command again to go on"
    )]
    Stalled {
        url: String,
        secs: u64,
        done: u64,
        total: u64,
    },
    #[error(
        "{url} broke off after {done} of {total} bytes; they are kept, run the command again to go on"
    )]
    Truncated { url: String, done: u64, total: u64 },
    #[error(
        "{url} is another file than expected ({found} bytes instead of {expected}); nothing was installed"
    )]
    WrongSize {
        url: String,
        found: u64,
        expected: u64,
    },
    #[error(
        "{url} is another file than expected (SHA-256 {found} instead of {expected}); nothing was installed"
    )]
    WrongHash {
        url: String,
        found: String,
        expected: String,
    },
    #[error("{path} cannot be written ({reason}); check the folder and the free space")]
    Disk { path: PathBuf, reason: String },
    #[error("cancelled")]
    Cancelled,
}

/// Brings `remote` to `target`. A part that is there already is gone on with; a whole and right
/// file is left alone.
///
/// `on_progress` gets the bytes that are here and those there will be.
///
/// # Errors
/// A sentence for each way it can fail; what came is kept except when it was the wrong file.
pub fn fetch(
    remote: &Remote,
    target: &Path,
    patience: Patience,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<(), DownloadError> {
    let job = Job {
        remote,
        part: part_path(target),
        patience,
        cancel,
    };
    if target.is_file() && job.check_hash(target).is_ok() {
        on_progress(remote.bytes, remote.bytes);
        return Ok(());
    }
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(|err| job.disk(folder, &err))?;
    }
    let mut last = None;
    for _ in 0..patience.attempts.max(1) {
        match job.attempt(on_progress) {
            Ok(()) => {
                job.check_hash(&job.part).inspect_err(|_| job.forget())?;
                return std::fs::rename(&job.part, target).map_err(|err| job.disk(target, &err));
            }
            // Only a connection that broke is worth another try.
            Err(err @ (DownloadError::Truncated { .. } | DownloadError::Stalled { .. })) => {
                last = Some(err);
            }
            Err(err) => {
                if matches!(err, DownloadError::WrongSize { .. }) {
                    job.forget();
                }
                return Err(err);
            }
        }
    }
    Err(last.unwrap_or(DownloadError::Cancelled))
}

fn part_path(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}

struct Job<'a> {
    remote: &'a Remote,
    part: PathBuf,
    patience: Patience,
    cancel: &'a CancelToken,
}

impl Job<'_> {
    fn attempt(&self, on_progress: &mut dyn FnMut(u64, u64)) -> Result<(), DownloadError> {
        let total = self.remote.bytes;
        let mut here = std::fs::metadata(&self.part).map_or(0, |meta| meta.len());
        if here > total {
            self.forget();
            here = 0;
        }
        if here == total {
            return Ok(());
        }
        if self.cancel.is_cancelled() {
            return Err(DownloadError::Cancelled);
        }
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(self.patience.connect))
            .timeout_recv_response(Some(self.patience.silence))
            .timeout_per_read(Some(self.patience.silence))
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut request = agent
            .get(&self.remote.url)
            .header("Accept-Encoding", "identity");
        if here > 0 {
            request = request.header("Range", format!("bytes={here}-"));
        }
        let response = request.call().map_err(|err| self.failed(&err, here))?;
        match response.status().as_u16() {
            206 if range_start(&response) == Some(here) => {}
            // Not the rest that was asked for: from the beginning.
            200 | 206 if here > 0 => {
                self.forget();
                here = 0;
                if response.status().as_u16() == 206 {
                    return Err(self.truncated(0));
                }
            }
            200 => {}
            416 => {
                self.forget();
                return Err(self.truncated(0));
            }
            status => {
                return Err(DownloadError::Status {
                    url: self.remote.url.clone(),
                    status,
                });
            }
        }
        let announced = response.body().content_length();
        if let Some(rest) = announced
            && here + rest != total
        {
            return Err(self.wrong_size(here + rest));
        }
        let mut body = response
            .into_body()
            .into_with_config()
            .limit(total.saturating_add(1))
            .reader();
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&self.part)
            .map_err(|err| self.disk(&self.part, &err))?;
        let mut buffer = vec![0; 64 << 10];
        on_progress(here, total);
        loop {
            if self.cancel.is_cancelled() {
                return Err(DownloadError::Cancelled);
            }
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(err) => return Err(self.broke_off(&err, here)),
            };
            if here + read as u64 > total {
                return Err(self.wrong_size(here + read as u64));
            }
            file.write_all(&buffer[..read])
                .map_err(|err| self.disk(&self.part, &err))?;
            here += read as u64;
            on_progress(here, total);
        }
        file.sync_all().map_err(|err| self.disk(&self.part, &err))?;
        if here == total {
            Ok(())
        } else {
            Err(self.truncated(here))
        }
    }

    fn check_hash(&self, path: &Path) -> Result<(), DownloadError> {
        let mut file = File::open(path).map_err(|err| self.disk(path, &err))?;
        let mut hasher = Sha256::new();
        std::io::copy(&mut file, &mut hasher).map_err(|err| self.disk(path, &err))?;
        let found = format!("{:x}", hasher.finalize());
        if found.eq_ignore_ascii_case(&self.remote.sha256) {
            return Ok(());
        }
        let short = |hash: &str| hash.chars().take(12).collect::<String>() + "…";
        Err(DownloadError::WrongHash {
            url: self.remote.url.clone(),
            found: short(&found),
            expected: short(&self.remote.sha256),
        })
    }

    fn forget(&self) {
        // Nothing there is as good as nothing left there.
        let _ = std::fs::remove_file(&self.part);
    }

    fn failed(&self, err: &ureq::Error, here: u64) -> DownloadError {
        match err {
            ureq::Error::Timeout(kind)
                if here > 0 || !matches!(kind, ureq::Timeout::Connect | ureq::Timeout::Resolve) =>
            {
                self.stalled(here)
            }
            other => DownloadError::Unreachable {
                url: self.remote.url.clone(),
                reason: other.to_string(),
                target: self.part.with_extension(""),
            },
        }
    }

    fn broke_off(&self, err: &std::io::Error, here: u64) -> DownloadError {
        let timed_out = err.kind() == std::io::ErrorKind::TimedOut
            || err
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<ureq::Error>())
                .is_some_and(|inner| matches!(inner, ureq::Error::Timeout(_)));
        if timed_out {
            self.stalled(here)
        } else {
            self.truncated(here)
        }
    }

    fn stalled(&self, done: u64) -> DownloadError {
        DownloadError::Stalled {
            url: self.remote.url.clone(),
            secs: self.patience.silence.as_secs().max(1),
            done,
            total: self.remote.bytes,
        }
    }

    fn truncated(&self, done: u64) -> DownloadError {
        DownloadError::Truncated {
            url: self.remote.url.clone(),
            done,
            total: self.remote.bytes,
        }
    }

    fn wrong_size(&self, found: u64) -> DownloadError {
        DownloadError::WrongSize {
            url: self.remote.url.clone(),
            found,
            expected: self.remote.bytes,
        }
    }

    fn disk(&self, path: &Path, err: &std::io::Error) -> DownloadError {
        DownloadError::Disk {
            path: path.to_owned(),
            reason: err.to_string(),
        }
    }
}

/// Where the bytes of a partial answer begin.
fn range_start(response: &ureq::http::Response<ureq::Body>) -> Option<u64> {
    let range = response.headers().get("Content-Range")?.to_str().ok()?;
    let first = range.strip_prefix("bytes ")?.split('-').next()?;
    first.trim().parse().ok()
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
