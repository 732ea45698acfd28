//! The file that is made: refusals before any work, a temporary file beside the target, and the
//! rename at the end.

use std::path::{Path, PathBuf};

use super::CutError;
use crate::files::{self, Existing, Staged, same_file};

/// Container of an exported clip; the file's ending decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Container {
    Mp4,
    Mov,
    Mkv,
    WebM,
}

impl Container {
    pub const ALL: [Self; 4] = [Self::Mp4, Self::Mov, Self::Mkv, Self::WebM];

    /// Ending without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Mkv => "mkv",
            Self::WebM => "webm",
        }
    }

    /// FFmpeg's name of the muxer.
    pub(super) const fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Mkv => "matroska",
            Self::WebM => "webm",
        }
    }

    /// Whether the container carries a display matrix that players honour; elsewhere pictures are
    /// turned for real.
    pub(super) const fn keeps_rotation(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov)
    }

    /// The container that a file's ending asks for; `None` for an ending that is no video.
    pub fn from_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|container| container.extension() == ending)
    }
}

/// Where a clip is written.
pub(super) struct Target {
    /// The name it is to have.
    pub path: PathBuf,
    pub container: Container,
    temp: PathBuf,
}

/// A file under construction. Dropped without [`Reserved::commit`], it leaves nothing.
pub(super) struct Reserved {
    pub target: Target,
    staged: Staged,
}

impl Reserved {
    /// Checks everything that can be checked before work begins, and makes the temporary file
    /// beside the target.
    pub fn prepare(
        source: &Path,
        path: &Path,
        overwrite: bool,
        needed_bytes: u64,
    ) -> Result<Self, CutError> {
        let container = Container::from_path(path).ok_or_else(|| CutError::UnknownFormat {
            path: path.to_owned(),
        })?;
        if same_file(source, path) {
            return Err(CutError::IsSource {
                path: path.to_owned(),
            });
        }
        if !overwrite && path.symlink_metadata().is_ok() {
            return Err(CutError::Exists {
                path: path.to_owned(),
            });
        }
        let folder = files::folder_of(path);
        if !folder.is_dir() {
            return Err(CutError::NoFolder {
                path: folder.to_owned(),
            });
        }
        // A file system that does not report its free space is no reason to refuse.
        if let Ok(free) = fs4::available_space(folder)
            && free < needed_bytes
        {
            return Err(CutError::NoSpace {
                path: folder.to_owned(),
                free,
                needed: needed_bytes,
            });
        }
        let existing = match overwrite {
            true => Existing::Replace,
            false => Existing::Refuse,
        };
        let staged =
            Staged::beside(path, existing).map_err(|err| CutError::write_io(path, &err))?;
        Ok(Self {
            target: Target {
                path: path.to_owned(),
                container,
                temp: staged.path().to_owned(),
            },
            staged,
        })
    }

    /// Makes sure the bytes are on the disk, then gives the file its name in one step. Returns its
    /// size.
    pub fn commit(self) -> Result<u64, CutError> {
        let Self { target, staged } = self;
        (staged.commit()).map_err(|err| CutError::write_io(&target.path, &err))
    }
}

impl Target {
    /// A temporary file that somebody else made and will give its name.
    pub fn over(temp: &Path, container: Container) -> Self {
        Self {
            path: temp.to_owned(),
            container,
            temp: temp.to_owned(),
        }
    }

    /// Where the bytes go until the work is done.
    pub fn temp_path(&self) -> &Path {
        &self.temp
    }

    /// Empties the temporary file for another attempt.
    pub fn restart(&self) -> Result<(), CutError> {
        let emptied = std::fs::File::create(&self.temp);
        (emptied.map(drop)).map_err(|err| CutError::write_io(&self.path, &err))
    }
}
