//! Frames for the player from a process of their own: some are asked for ahead, so that both sides
//! work at once. A process that died is followed by a new one at the next seek.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::client::Client;
use super::messages::{ReaderRequest, Reply, frame_of, image_of};
use crate::domain::{FrameIndex, RgbImage};
use crate::media::player::reader::Stop;
use crate::media::{MediaError, VideoFrame};

/// How often a seek looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// Frames that are asked for at once.
const AHEAD: usize = 4;

/// The other side of a frame reader.
pub(crate) struct RemoteReader {
    client: Client,
    path: PathBuf,
    index: FrameIndex,
    threads: usize,
    coarse: bool,
    /// Number of the newest seek.
    serial: u64,
    /// Frames that were asked for and have not come.
    asked: usize,
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
            serial: 1,
            asked: 0,
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
        if !self.take_asked(stop)? {
            return Ok(false);
        }
        self.serial += 1;
        let serial = self.serial;
        self.ask(ReaderRequest::Seek { frame, serial });
        let mut is_stopped = false;
        loop {
            if !is_stopped && stop() {
                is_stopped = true;
                self.ask(ReaderRequest::Stop { serial });
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
        self.revive()?;
        while self.asked < AHEAD {
            let serial = self.serial;
            self.ask(ReaderRequest::NextFrame { serial });
            self.asked += 1;
        }
        self.asked -= 1;
        let frame = self.frame_answer()?;
        self.newest = frame.as_ref().map(|frame| frame.frame);
        Ok(frame)
    }

    pub fn key_frame(&mut self, frame: u64) -> Result<Option<VideoFrame>, MediaError> {
        self.forget()?;
        self.ask(ReaderRequest::KeyFrame { frame });
        self.frame_answer()
    }

    pub fn key_thumbnail(
        &mut self,
        frame: u64,
        width: u32,
    ) -> Result<Option<RgbImage>, MediaError> {
        self.forget()?;
        self.ask(ReaderRequest::Thumb { frame, width });
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
        self.newest.map(|newest| newest + 1)
    }

    pub fn set_coarse(&mut self, coarse: bool) {
        if self.coarse != coarse {
            self.coarse = coarse;
            self.ask(ReaderRequest::Coarse(coarse));
        }
    }

    /// Gives up the frames that were asked for and waits until that is known; `false` where waiting
    /// was given up, too.
    fn take_asked(&mut self, stop: Stop<'_>) -> Result<bool, MediaError> {
        self.revive()?;
        self.newest = None;
        if self.asked > 0 {
            let serial = self.serial;
            self.ask(ReaderRequest::Stop { serial });
        }
        while self.asked > 0 {
            match self.client.answer_within(LOOK_EVERY) {
                Ok(Some((Reply::Frame(_), _))) => self.asked -= 1,
                Ok(Some(_)) => return Err(self.client.nonsense()),
                Ok(None) if stop() => return Ok(false),
                Ok(None) => {}
                // Of a place that is left nothing need be known.
                Err(_) if self.client.is_dead() => self.revive()?,
                Err(_) => self.asked -= 1,
            }
        }
        Ok(true)
    }

    /// Drops what was read ahead, before the reader is moved elsewhere.
    fn forget(&mut self) -> Result<(), MediaError> {
        self.take_asked(&|| false)?;
        self.serial += 1;
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
            self.asked = 0;
            self.newest = None;
            if self.coarse {
                self.ask(ReaderRequest::Coarse(true));
            }
        }
        Ok(())
    }

    fn ask(&mut self, request: ReaderRequest) {
        self.client.ask(request, None, Vec::new());
    }
}

/// A process that has the file open.
fn opened(path: &Path, index: &FrameIndex, threads: usize) -> Result<Option<Client>, MediaError> {
    let Some(mut client) = Client::start(path)? else {
        return Ok(None);
    };
    client.ask(ReaderRequest::Frames { threads }, Some(index), Vec::new());
    match client.answer(&|| false)? {
        (Reply::Done, _) => Ok(Some(client)),
        _ => Err(client.nonsense()),
    }
}
