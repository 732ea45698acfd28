//! Projects, figures and snapshots, read and written on named threads so that the window never
//! waits for a disk.

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::annotations;
use crate::app::dataset_saving;
use crate::domain::{FigureKind, RgbImage};
use crate::figures::{self, FigureFormat, Style, report};
use crate::files;
use crate::jobs;
use crate::session::drafts::keeper::KnownFiles;
use crate::session::material::Material;
use crate::session::report::ErrorReport;
use crate::state::AppState;
use crate::state::apply::{Report, error_report};
use crate::state::dataset::DatasetRequest;
use crate::state::project_io;
use crate::state::request::FigureRequest;
use crate::ui::text;

/// Results that may wait for the window.
const WAITING: usize = 16;

/// File work in the background.
pub struct Files {
    sender: Sender<Report>,
    receiver: Receiver<Report>,
    known: KnownFiles,
}

impl Files {
    /// `known` is what project files held when they were last read or written here.
    pub fn new(known: KnownFiles) -> Self {
        let (sender, receiver) = bounded(WAITING);
        Self {
            sender,
            receiver,
            known,
        }
    }

    pub fn poll(&self) -> Option<Report> {
        self.receiver.try_recv().ok()
    }

    fn work(&self, name: &str, work: impl FnOnce() -> Report + Send + 'static) {
        let sender = self.sender.clone();
        let started = jobs::spawn(name, move || {
            // Nobody listens once the window is closed.
            let _ = sender.send(work());
        });
        if let Err(error) = started {
            log::error!("could not start {name}: {error}");
        }
    }

    pub fn save(&self, state: &AppState, path: PathBuf) {
        let Some(project) = state.to_project(&path) else {
            return;
        };
        // Another name was chosen by a person, who was asked about what is there.
        let replace = state.project_path.as_ref() != Some(&path);
        let known = self.known.clone();
        self.work("save project", move || {
            match known.save(&project, &path, replace) {
                Ok(()) => Report::ProjectSaved(path),
                Err(error) => Report::Failed(ErrorReport {
                    what: format!("The project was not saved: {error}"),
                    fix: "What was saved before is untouched, and your work is kept as a draft. Save it under another name."
                        .to_owned(),
                    details: format!("{error:#}"),
                    path: Some(path),
                    ..ErrorReport::default()
                }),
            }
        });
    }

    pub fn open(&self, path: PathBuf) {
        let known = self.known.clone();
        self.work("open project", move || {
            match project_io::load_noting(&path, &known) {
                Ok(project) => Report::ProjectOpened(Box::new(project), path),
                Err(error) => Report::Failed(ErrorReport {
                    path: Some(path),
                    details: format!("{error:#}"),
                    ..error_report(
                        error.to_string(),
                        "Open another project, or the video itself.",
                    )
                }),
            }
        });
    }

    /// Reads annotations and lays those of the open video on its frames.
    pub fn read_annotations(&self, state: &AppState, path: PathBuf) {
        let Some(session) = &state.session else {
            return;
        };
        let (index, video) = (session.index.clone(), session.video.path.clone());
        self.work("read annotations", move || {
            let opened = match annotations::open(&path) {
                Ok(opened) => opened,
                Err(error) => {
                    return Report::Failed(ErrorReport {
                        path: Some(path),
                        ..error_report(
                            error.to_string(),
                            "Open a TVSum, SumMe or Mr. HiSum file, an ELAN or VIA project, or a table or JSON of picks.",
                        )
                    });
                }
            };
            let found = annotations::join::match_videos(&opened.sets, std::slice::from_ref(&video));
            let mine = found.videos.iter().position(Option::is_some);
            let alone = (opened.sets.len() == 1).then_some(0);
            let Some(set) = mine.or(alone).and_then(|at| opened.sets.get(at)) else {
                return Report::Failed(ErrorReport {
                    path: Some(path),
                    ..error_report(
                        format!(
                            "The file has annotations of {} videos, and none is named like {}",
                            opened.sets.len(),
                            video.file_name().map(|name| name.to_string_lossy()).unwrap_or_default()
                        ),
                        "Give the video file the id that the annotations use, or open the annotations of this video alone.",
                    )
                });
            };
            let joined = annotations::join::join(set, &index);
            let notes = opened.warnings.into_iter().chain(joined.report).collect();
            Report::Annotations(Box::new(joined.set), notes)
        });
    }

    /// Writes a figure in the colours of the paper, or a report.
    pub fn write_figure(&self, state: &AppState, request: FigureRequest, ui: &egui::Ui) {
        let Some(material) = state.material() else {
            return;
        };
        let ctx = ui.ctx().clone();
        self.work("save figure", move || {
            let written = match request {
                FigureRequest::Write(kind, path) => {
                    write_figure(kind, &material, false, &path).map_err(|error| (error, path))
                }
                FigureRequest::WriteReport(path) => {
                    write_report(&material, &path).map_err(|error| (error, path))
                }
                FigureRequest::Pick(..) | FigureRequest::PickReport(_) => {
                    return Report::Status(String::new());
                }
            };
            ctx.request_repaint();
            match written {
                Ok(path) => Report::Status(format!("Wrote {}", path.display())),
                Err((error, path)) => {
                    Report::Status(format!("{} was not written: {error}", path.display()))
                }
            }
        });
    }

    /// Shows a file in the system's file manager, or its folder where that cannot mark a file.
    pub fn show_in_folder(&self, path: PathBuf) {
        self.work("show in folder", move || {
            let (program, arguments) = file_manager(&path);
            match std::process::Command::new(program).args(arguments).status() {
                // Explorer reports a failure when all is well.
                Ok(status) if status.success() || cfg!(windows) => Report::Status(String::new()),
                _ => Report::Status(format!(
                    "The file manager could not be opened; the file is {}",
                    path.display()
                )),
            }
        });
    }

    /// Writes the figure of who agrees with which method, or the evaluation table, of the open
    /// dataset.
    pub fn write_of_dataset(&self, state: &AppState, request: DatasetRequest, ctx: &egui::Context) {
        let dataset = state.dataset.clone();
        let ctx = ctx.clone();
        self.work("save of dataset", move || {
            let written = match &request {
                DatasetRequest::WriteMatches(path) => dataset_saving::write_matches(&dataset, path),
                DatasetRequest::WriteTable(path) => dataset_saving::write_table(&dataset, path),
                _ => return Report::Status(String::new()),
            };
            ctx.request_repaint();
            Report::Status(match written {
                Ok(path) => format!("Wrote {}", path.display()),
                Err(error) => format!("Nothing was written: {error}"),
            })
        });
    }

    /// Saves a picture beside the video, under a name that is not taken.
    pub fn save_picture(&self, state: &AppState, image: RgbImage) {
        let Some(session) = &state.session else {
            return;
        };
        let stem = session.video.path.file_stem().map_or_else(
            || "video".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        let time = text::timecode(state.playback.position_secs).replace(':', ".");
        let base = session.video.path.with_file_name(format!("{stem}_{time}"));
        self.work("save picture", move || match write_picture(&base, &image) {
            Ok(path) => Report::Status(format!("Saved {}", path.display())),
            Err(error) => Report::Status(format!(
                "The picture was not saved beside the video: {error}"
            )),
        });
    }
}

/// The program that shows a file in its folder, and what it is called with.
fn file_manager(path: &Path) -> (&'static str, Vec<std::ffi::OsString>) {
    if cfg!(windows) {
        let mut marked = std::ffi::OsString::from("/select,");
        marked.push(path);
        ("explorer", vec![marked])
    } else if cfg!(target_os = "macos") {
        ("open", vec!["-R".into(), path.into()])
    } else {
        ("xdg-open", vec![files::folder_of(path).into()])
    }
}

/// Writes a figure by its path's ending; svg where it has none. For a worker thread. The path it
/// was written to.
///
/// # Errors
/// One sentence.
fn write_figure(
    kind: FigureKind,
    material: &Material,
    dark: bool,
    path: &Path,
) -> anyhow::Result<PathBuf> {
    let path = files::with_ending(path, "svg");
    let style = Style {
        size: kind.usual_size(),
        dark,
    };
    let format = FigureFormat::of(&path)?;
    files::write(&path, &figures::encode(kind, material, &style, format)?)?;
    Ok(path)
}

/// Writes a report. For a worker thread. The path it was written to.
///
/// # Errors
/// One sentence.
fn write_report(material: &Material, path: &Path) -> anyhow::Result<PathBuf> {
    let path = files::with_ending(path, "html");
    files::write(&path, report::html(material)?.as_bytes())?;
    Ok(path)
}

fn write_picture(base: &Path, image: &RgbImage) -> anyhow::Result<PathBuf> {
    let buffer = image::RgbImage::from_raw(image.width, image.height, image.data.to_vec())
        .ok_or_else(|| anyhow::anyhow!("the picture has a wrong size"))?;
    let mut png = std::io::Cursor::new(Vec::new());
    buffer.write_to(&mut png, image::ImageFormat::Png)?;
    let name = base
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let path = (0..1000)
        .map(|suffix| match suffix {
            0 => base.with_file_name(format!("{name}.png")),
            n => base.with_file_name(format!("{name}_{n:03}.png")),
        })
        .find(|path| !path.exists())
        .ok_or_else(|| anyhow::anyhow!("there are a thousand pictures of this moment already"))?;
    files::write(&path, &png.into_inner())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_never_takes_a_name_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let image = RgbImage::new(2, 1, vec![9u8; 6]).unwrap();
        let base = dir.path().join("film_00.01.500");
        let first = write_picture(&base, &image).unwrap();
        let second = write_picture(&base, &image).unwrap();
        assert_eq!(first.file_name().unwrap(), "film_00.01.500.png");
        assert_eq!(second.file_name().unwrap(), "film_00.01.500_001.png");
    }

    #[test]
    fn a_figure_is_written_by_its_ending() {
        let dir = tempfile::tempdir().unwrap();
        let kind = FigureKind::Timeline;
        let material = crate::testing::fixture::state().material().unwrap();
        let plain = dir.path().join("figure");
        let written = write_figure(kind, &material, false, &plain).unwrap();
        assert!(std::fs::read_to_string(&written).unwrap().contains("<svg"));
        assert_eq!(written.extension().unwrap(), "svg");
        let error = write_figure(kind, &material, false, &dir.path().join("a.pdf"));
        assert!(error.unwrap_err().to_string().contains(".pdf"));
    }
}
