//! Frames for the player from a process of their own: one is asked for ahead, so that both sides work at once. A process that died is
//! followed by a new one at the next seek.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::client::Client;
use super::messages::{Reply, Request, frame_of, image_of};
use crate::domain::{FrameIndex, RgbImage};
use crate::media::player::reader::Stop;
use crate::media::{MediaError, VideoFrame};

/// How often a seek looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// The other side of a frame reader.
pub(crate) struct RemoteReader {
    client: Client,
    path: PathBuf,
    index: FrameIndex,
    threads: usize,
    coarse: bool,
    /// Number of the newest seek.
    serial: u64,
    /// Whether a frame was asked for whose answer has not come.
    asked: bool,
    /// A frame that came and was not handed out.
    held: Option<VideoFrame>,
    /// Number of the frame that was handed out last since the last seek.
    newest: Option<u64>,
}

impl RemoteReader {
    /// `None` where there is no process to decode in.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(
        path: &Path,
        index: &FrameIndex,
        threads: usize,
    ) -> Result<Option<Self>, MediaError> {
        let Some(client) = opened(path, index, threads)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            client,
            path: path.to_path_buf(),
            index: index.clone(),
            threads,
            coarse: false,
            serial: 0,
            asked: false,
            held: None,
            newest: None,
        }))
    }

    pub fn seek(
        &mut self,
        frame: u64,
        stop: Stop<'_>,
        on_key: &mut dyn FnMut(VideoFrame),
    ) -> Result<bool, MediaError> {
        let frame = frame.min(self.index.len().saturating_sub(1));
        self.revive()?;
        if self.asked && !self.take_asked(stop)? {
            return Ok(false);
        }
        self.newest = None;
        if self.held.as_ref().is_some_and(|held| held.frame == frame) {
            return Ok(true);
        }
        self.held = None;
        self.serial += 1;
        let serial = self.serial;
        self.ask(Request::Seek { frame, serial });
        let mut is_stopped = false;
        loop {
            if !is_stopped && stop() {
                is_stopped = true;
                self.ask(Request::Stop { serial });
            }
            match self.client.answer_within(LOOK_EVERY)? {
                Some((Reply::Near(head), planes)) => match frame_of(head, planes, &self.index) {
                    Some(near) if !is_stopped => on_key(near),
                    Some(_) => {}
                    None => return Err(self.client.nonsense()),
                },
                Some((Reply::Sought(reached), _)) => return Ok(reached && !is_stopped),
                Some(_) => return Err(self.client.nonsense()),
                None => {}
            }
        }
    }

    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        if let Some(held) = self.held.take() {
            self.newest = Some(held.frame);
            return Ok(Some(held));
        }
        self.revive()?;
        if !self.asked {
            self.ask(Request::NextFrame);
        }
        self.asked = false;
        let frame = self.frame_answer()?;
        if let Some(frame) = &frame {
            self.newest = Some(frame.frame);
            self.ask(Request::NextFrame);
            self.asked = true;
        }
        Ok(frame)
    }

    pub fn key_frame(&mut self, frame: u64) -> Result<Option<VideoFrame>, MediaError> {
        self.forget()?;
        self.ask(Request::KeyFrame { frame });
        self.frame_answer()
    }

    pub fn key_thumbnail(
        &mut self,
        frame: u64,
        width: u32,
    ) -> Result<Option<RgbImage>, MediaError> {
        self.forget()?;
        self.ask(Request::Thumb { frame, width });
        match self.client.answer(&|| false)? {
            (Reply::Thumb(None), _) => Ok(None),
            (Reply::Thumb(Some(size)), blocks) => match image_of(size, blocks.into_iter().next()) {
                Some(image) => Ok(Some(image)),
                None => Err(self.client.nonsense()),
            },
            _ => Err(self.client.nonsense()),
        }
    }

    pub fn next_number(&self) -> Option<u64> {
        match &self.held {
            Some(held) => Some(held.frame),
            None => self.newest.map(|newest| newest + 1),
        }
    }

    pub fn set_coarse(&mut self, coarse: bool) {
        if self.coarse != coarse {
            self.coarse = coarse;
            self.ask(Request::Coarse(coarse));
        }
    }

    /// Waits for the frame that was asked for ahead; `false` where waiting was given up.
    fn take_asked(&mut self, stop: Stop<'_>) -> Result<bool, MediaError> {
        loop {
            let answer = self.client.answer_within(LOOK_EVERY);
            if !matches!(answer, Ok(None)) {
                self.asked = false;
            }
            match answer? {
                Some((Reply::Frame(head), planes)) => {
                    if let Some(head) = head {
                        let frame = frame_of(head, planes, &self.index);
                        self.held = Some(frame.ok_or_else(|| self.client.nonsense())?);
                    }
                    return Ok(true);
                }
                Some(_) => return Err(self.client.nonsense()),
                None if stop() => return Ok(false),
                None => {}
            }
        }
    }

    /// Drops what was read ahead, before the reader is moved elsewhere.
    fn forget(&mut self) -> Result<(), MediaError> {
        self.revive()?;
        if self.asked {
            self.take_asked(&|| false)?;
        }
        self.held = None;
        self.newest = None;
        Ok(())
    }

    /// An answer that is a frame or none.
    fn frame_answer(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        match self.client.answer(&|| false)? {
            (Reply::Frame(None), _) => Ok(None),
            (Reply::Frame(Some(head)), planes) => match frame_of(head, planes, &self.index) {
                Some(frame) => Ok(Some(frame)),
                None => Err(self.client.nonsense()),
            },
            _ => Err(self.client.nonsense()),
        }
    }

    /// Starts a new process in the place of one that ended.
    fn revive(&mut self) -> Result<(), MediaError> {
        if self.client.is_dead() {
            let gone = || MediaError::Worker {
                path: self.path.clone(),
                reason: "no process could be started".to_owned(),
            };
            self.client = opened(&self.path, &self.index, self.threads)?.ok_or_else(gone)?;
            self.asked = false;
            self.held = None;
            self.newest = None;
            if self.coarse {
                self.ask(Request::Coarse(true));
            }
        }
        Ok(())
    }

    fn ask(&mut self, request: Request) {
        self.client.ask(request, None, Vec::new());
    }
}

/// A process that has the file open.
fn opened(path: &Path, index: &FrameIndex, threads: usize) -> Result<Option<Client>, MediaError> {
    let Some(mut client) = Client::start(path)? else {
        return Ok(None);
    };
    client.ask(Request::Frames { threads }, Some(index), Vec::new());
    match client.answer(&|| false)? {
        (Reply::Done, _) => Ok(Some(client)),
        _ => Err(client.nonsense()),
    }
}
