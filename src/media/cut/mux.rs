//! Writing encoded packets into the container. Does not encode.

use ffmpeg_next as ff;

use super::target::Target;
use super::{CutError, Job, sys};
use crate::media::remote::signs;

/// An output file being written.
pub(super) struct Muxer {
    output: ff::format::context::Output,
    path: std::path::PathBuf,
    /// Time base that packets of each stream come in.
    time_bases: Vec<ff::Rational>,
    /// Packets written of each stream.
    pub packets: Vec<u64>,
}

impl Muxer {
    /// Opens the target's temporary file.
    pub fn create(target: &Target) -> Result<Self, CutError> {
        let output = sys::open_output(target.temp_path(), target.container.muxer())
            .map_err(|err| CutError::write(&target.path, err))?;
        Ok(Self {
            output,
            path: target.path.clone(),
            time_bases: Vec::new(),
            packets: Vec::new(),
        })
    }

    /// Whether encoders must put their parameter sets beside the packets rather than among them.
    pub fn wants_global_header(&self) -> bool {
        self.output
            .format()
            .flags()
            .contains(ff::format::Flags::GLOBAL_HEADER)
    }

    pub fn output(&mut self) -> &mut ff::format::context::Output {
        &mut self.output
    }

    /// Adds a stream for an opened encoder; packets will come in its time base.
    pub fn add_encoder(&mut self, context: &ff::codec::Context) -> Result<usize, CutError> {
        let time_base = context.time_base();
        let mut stream = self
            .output
            .add_stream_with(context)
            .map_err(|err| CutError::write(&self.path, err))?;
        stream.set_time_base(time_base);
        let index = stream.index();
        self.time_bases.push(time_base);
        self.packets.push(0);
        Ok(index)
    }

    /// Adds a stream of the source's own codec.
    pub fn add_copy(
        &mut self,
        parameters: ff::codec::Parameters,
        time_base: ff::Rational,
    ) -> Result<usize, CutError> {
        let mut stream = self
            .output
            .add_stream(None::<ff::Codec>)
            .map_err(|err| CutError::write(&self.path, err))?;
        stream.set_parameters(parameters);
        stream.set_time_base(time_base);
        let index = stream.index();
        self.time_bases.push(time_base);
        self.packets.push(0);
        // The source's code may be unknown to this container.
        sys::set_codec_tag(&mut self.output, index, 0);
        Ok(index)
    }

    /// States a constant frame rate on a stream.
    pub fn set_rate(&mut self, stream: usize, rate: ff::Rational) {
        if let Some(mut stream) = self.output.stream_mut(stream) {
            stream.set_rate(rate);
            stream.set_avg_frame_rate(rate);
        }
    }

    /// Writes the head; after it streams have their final time bases.
    pub fn begin(&mut self, job: &Job, chapters: &[(f64, f64, String)]) -> Result<(), CutError> {
        let mut metadata = ff::Dictionary::new();
        for (key, value) in &job.facts.tags {
            metadata.set(key, value);
        }
        if !job.options.title.is_empty() {
            metadata.set("title", &job.options.title);
        }
        if !job.options.comment.is_empty() {
            metadata.set("comment", &job.options.comment);
        }
        self.output.set_metadata(metadata);
        for (number, (start_secs, end_secs, name)) in chapters.iter().enumerate() {
            let millis = |secs: f64| (secs * 1000.0).round() as i64;
            self.output
                .add_chapter(
                    number as i64,
                    ff::Rational(1, 1000),
                    millis(*start_secs),
                    millis(*end_secs),
                    name,
                )
                .map_err(|err| CutError::write(&self.path, err))?;
        }
        let mut options = ff::Dictionary::new();
        // The index at the front lets players start before the whole file is read; other muxers
        // ignore the option.
        options.set("movflags", "+faststart");
        self.output
            .write_header_with(options)
            .map(drop)
            .map_err(|err| CutError::write(&self.path, err))
    }

    /// Writes one packet, whose times are in the stream's own time base.
    pub fn write(&mut self, stream: usize, mut packet: ff::Packet) -> Result<(), CutError> {
        let to = self
            .output
            .stream(stream)
            .map_or(self.time_bases[stream], |stream| stream.time_base());
        signs::working();
        packet.set_stream(stream);
        packet.rescale_ts(self.time_bases[stream], to);
        packet.set_position(-1);
        packet
            .write_interleaved(&mut self.output)
            .map_err(|err| CutError::write(&self.path, err))?;
        self.packets[stream] += 1;
        match sys::output_error(&self.output) {
            Some(err) => Err(CutError::write(&self.path, err)),
            None => Ok(()),
        }
    }

    /// Writes the tail and makes sure that every byte was taken.
    pub fn finish(mut self) -> Result<(), CutError> {
        self.output
            .write_trailer()
            .map_err(|err| CutError::write(&self.path, err))?;
        sys::flush_output(&mut self.output).map_err(|err| CutError::write(&self.path, err))
    }
}
