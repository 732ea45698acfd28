//! Sampled frames from a process of their own.

use super::client::Client;
use super::messages::{ReaderRequest, Reply, SampleReply, bytes_of, image_of};
use crate::domain::{FrameIndex, Shots};
use crate::jobs::CancelToken;
use crate::media::{MediaError, SampledFrame, SampledOptions};

/// The other side of a sampled decoder.
pub(crate) struct RemoteSampler {
    client: Client,
    index: FrameIndex,
    picks: Vec<u64>,
    options: SampledOptions,
    cancel: CancelToken,
    /// Next pick to hand out.
    next: usize,
    stand_ins: usize,
    looking_secs: f64,
    busy_secs: f64,
}

impl RemoteSampler {
    /// `None` where there is no process to decode in.
    ///
    /// # Errors
    /// Where the path leads to no file that can be read. What else is wrong with the file is said
    /// by the first sample.
    pub fn open(
        path: &std::path::Path,
        index: &FrameIndex,
        picks: &[u64],
        options: SampledOptions,
        cancel: &CancelToken,
    ) -> Result<Option<Self>, MediaError> {
        let Some(mut client) = Client::start(path)? else {
            return Ok(None);
        };
        client.ask(
            ReaderRequest::Sample(options),
            Some(index),
            vec![bytes_of(picks)],
        );
        match client.answer(&|| cancel.is_cancelled())? {
            (Reply::Done, _) => {}
            _ => return Err(client.nonsense()),
        }
        Ok(Some(Self {
            client,
            index: index.clone(),
            picks: picks.to_vec(),
            options,
            cancel: cancel.clone(),
            next: 0,
            stand_ins: 0,
            looking_secs: 0.0,
            busy_secs: 0.0,
        }))
    }

    pub fn stand_ins(&self) -> usize {
        self.stand_ins
    }

    pub fn looking_secs(&self) -> f64 {
        self.looking_secs
    }

    /// Seconds that the process spent on decoding.
    pub fn busy_secs(&self) -> f64 {
        self.busy_secs
    }

    fn next_sample(&mut self) -> Result<Option<SampledFrame>, MediaError> {
        if self.next >= self.picks.len() {
            return Ok(None);
        }
        let cancel = self.cancel.clone();
        let (reply, blocks) = self.client.answer(&|| cancel.is_cancelled())?;
        let Reply::Sample(reply) = reply else {
            return Err(self.client.nonsense());
        };
        self.stand_ins = reply.stand_ins;
        self.busy_secs = reply.busy_secs;
        match self.sample_of(&reply, blocks) {
            Some(sample) => {
                self.next += 1;
                Ok(Some(sample))
            }
            None => Err(self.client.nonsense()),
        }
    }

    /// The sample that an answer is, where it is the next one.
    fn sample_of(&self, reply: &SampleReply, blocks: Vec<Vec<u8>>) -> Option<SampledFrame> {
        let frame = self.picks[self.next];
        let mut blocks = blocks.into_iter();
        let image = image_of(reply.image, blocks.next())?;
        let thumb = match reply.thumb {
            Some(size) => image_of(size, blocks.next())?,
            None => image.clone(),
        };
        let is_frame = |stand_in: u64| stand_in < self.index.len();
        let is_sane = reply.pick == self.next
            && reply.thumb.is_some() == self.options.thumb_width.is_some()
            && reply.stand_in.is_none_or(is_frame);
        is_sane.then(|| SampledFrame {
            pick: self.next,
            frame,
            secs: self.index.secs_from_frame(frame),
            image,
            thumb,
            stand_in: reply.stand_in,
        })
    }

    pub fn shots(&mut self) -> Result<Shots, MediaError> {
        if !self.options.find_cuts || self.next < self.picks.len() {
            return Ok(Shots::default());
        }
        // Once: what was seen of cuts is given away.
        self.options.find_cuts = false;
        self.client.ask(ReaderRequest::Shots, None, Vec::new());
        let cancel = self.cancel.clone();
        let is_over = || cancel.is_cancelled();
        let mut answer = self.client.answer(&is_over)?.0;
        if matches!(answer, Reply::Done) {
            // The end of the samples.
            answer = self.client.answer(&is_over)?.0;
        }
        let Reply::Shots {
            shots,
            looking_secs,
            busy_secs,
        } = answer
        else {
            return Err(self.client.nonsense());
        };
        self.looking_secs = looking_secs;
        self.busy_secs = busy_secs;
        let len = self.index.len();
        let are_frames = shots.cuts.is_sorted_by(|a, b| a < b)
            && shots.cuts.last().is_none_or(|&last| last < len)
            && [&shots.blank, &shots.still].into_iter().all(|ranges| {
                ranges
                    .iter()
                    .all(|range| range.start <= range.end && range.end <= len)
            });
        if !are_frames {
            return Err(self.client.nonsense());
        }
        Ok(shots)
    }
}

impl Iterator for RemoteSampler {
    type Item = Result<SampledFrame, MediaError>;

    fn next(&mut self) -> Option<Self::Item> {
        let sample = self.next_sample().transpose();
        if matches!(sample, Some(Err(_))) {
            self.next = self.picks.len();
            // Of a video that failed no cuts are stated.
            self.options.find_cuts = false;
        }
        sample
    }
}
