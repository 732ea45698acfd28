//! One ONNX file loaded for work: runs on the device that was found, and falls back to the CPU with
//! a stated reason.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use ort::session::{RunOptions, Session, SessionInputValue};
use ort::value::DynValue;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::error::BundleError;
use super::runtime::{Device, Runtime, one_line};
use crate::domain::DevicePreference;
use crate::jobs::CancelToken;

/// Where a network runs, and why not on CUDA where that was possible to ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    pub device: Device,
    /// Why CUDA is not used; `None` when it is used, or when the CPU was asked for.
    pub reason: Option<String>,
}

/// Inputs by name.
pub(super) type Inputs<'v> = Vec<(Cow<'v, str>, SessionInputValue<'v>)>;

/// A loaded ONNX file. Calls from several threads wait for each other: the runtime itself uses all
/// cores.
#[derive(Debug)]
pub struct ModelSession {
    path: PathBuf,
    /// The file's content, for moving from CUDA to the CPU; `None` on the CPU.
    bytes: Option<Arc<[u8]>>,
    runtime: Arc<Runtime>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    session: Session,
    report: DeviceReport,
}

impl ModelSession {
    /// Loads a model that was read from `path` (named in errors) on the preferred device.
    ///
    /// # Errors
    /// When the runtime is absent, does not take the model, or CUDA was demanded and does not work.
    pub fn open(
        path: &Path,
        bytes: Arc<[u8]>,
        preference: DevicePreference,
    ) -> Result<Self, BundleError> {
        let runtime = Runtime::get()?;
        let state = match preference {
            DevicePreference::Cpu => State {
                session: load(&runtime, path, &bytes, Device::Cpu)?,
                report: DeviceReport {
                    device: Device::Cpu,
                    reason: None,
                },
            },
            DevicePreference::Auto | DevicePreference::Cuda => {
                let attempt = match runtime.cuda_missing() {
                    Some(reason) => Err(reason),
                    None => load(&runtime, path, &bytes, Device::Cuda).map_err(|err| match err {
                        BundleError::Run { reason, .. } => reason,
                        other => other.to_string(),
                    }),
                };
                match attempt {
                    Ok(session) => State {
                        session,
                        report: DeviceReport {
                            device: Device::Cuda,
                            reason: None,
                        },
                    },
                    Err(reason) if preference == DevicePreference::Cuda => {
                        return Err(BundleError::NoCuda { reason });
                    }
                    Err(reason) => State {
                        session: load(&runtime, path, &bytes, Device::Cpu)?,
                        report: DeviceReport {
                            device: Device::Cpu,
                            reason: Some(reason),
                        },
                    },
                }
            }
        };
        Ok(Self {
            path: path.to_owned(),
            bytes: (state.report.device == Device::Cuda).then_some(bytes),
            runtime,
            state: Mutex::new(state),
        })
    }

    /// The file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it runs now.
    pub fn report(&self) -> DeviceReport {
        self.state.lock().report.clone()
    }

    /// Runs the model once and hands the named outputs to `read`. When CUDA fails at work (its
    /// memory is gone, say), the model moves to the CPU for good, the reason is kept for
    /// [`Self::report`], and the run is repeated there.
    ///
    /// # Errors
    /// When the run fails on the CPU, or an output is missing.
    pub(super) fn run_named<'v, T>(
        &self,
        inputs: impl Fn() -> ort::Result<Inputs<'v>>,
        outputs: &[&str],
        read: impl Fn(&[&DynValue]) -> Result<T, BundleError>,
    ) -> Result<T, BundleError> {
        self.run_until(&CancelToken::new(), inputs, outputs, read)
    }

    /// As [`Self::run_named`], and ends at the network's next operator once it is cancelled.
    ///
    /// # Errors
    /// As [`Self::run_named`], and when it was cancelled.
    pub(super) fn run_until<'v, T>(
        &self,
        cancel: &CancelToken,
        inputs: impl Fn() -> ort::Result<Inputs<'v>>,
        outputs: &[&str],
        read: impl Fn(&[&DynValue]) -> Result<T, BundleError>,
    ) -> Result<T, BundleError> {
        let mut state = self.state.lock();
        let run = |session: &mut Session| self.run_once(session, cancel, &inputs, outputs, &read);
        let (failed, bytes) = match (run(&mut state.session), &self.bytes) {
            (Err(BundleError::Run { reason, .. }), Some(bytes))
                if state.report.device == Device::Cuda && !cancel.is_cancelled() =>
            {
                (reason, bytes)
            }
            (result, _) => return result,
        };
        log::warn!(
            "{}: CUDA failed ({failed}); going on with the CPU",
            self.path.display()
        );
        state.session = load(&self.runtime, &self.path, bytes, Device::Cpu)?;
        state.report = DeviceReport {
            device: Device::Cpu,
            reason: Some(format!("CUDA failed while working: {failed}")),
        };
        run(&mut state.session)
    }

    fn run_once<'v, T>(
        &self,
        session: &mut Session,
        cancel: &CancelToken,
        inputs: &impl Fn() -> ort::Result<Inputs<'v>>,
        outputs: &[&str],
        read: &impl Fn(&[&DynValue]) -> Result<T, BundleError>,
    ) -> Result<T, BundleError> {
        let failure = |err: ort::Error| run_error(&self.path, &err);
        let options = started().map_err(failure)?;
        let run = Arc::clone(&options);
        let _ends = cancel.on_cancel(move || terminate(&run));
        let results = session.run_with_options(inputs().map_err(failure)?, &*options);
        let results = results.map_err(failure)?;
        let values = outputs
            .iter()
            .map(|&name| {
                results.get(name).ok_or_else(|| BundleError::MissingPort {
                    path: self.path.clone(),
                    port: "output",
                    name: name.to_owned(),
                    present: results.keys().collect::<Vec<_>>().join(", "),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        read(&values)
    }
}

/// Runs that are going on, to be ended from elsewhere.
static RUNS: Mutex<Vec<Weak<RunOptions>>> = Mutex::new(Vec::new());

/// Options of a run that [`end_runs`] can end.
fn started() -> ort::Result<Arc<RunOptions>> {
    let options = Arc::new(RunOptions::new()?);
    let mut runs = RUNS.lock();
    runs.retain(|run| run.strong_count() > 0);
    runs.push(Arc::downgrade(&options));
    Ok(options)
}

/// Ends every run that is going on, at its next operator; each fails. For the end of the program: a
/// network may never end by itself.
pub fn end_runs() {
    for run in RUNS.lock().iter().filter_map(Weak::upgrade) {
        terminate(&run);
    }
}

fn terminate(run: &RunOptions) {
    if let Err(err) = run.terminate() {
        log::warn!("a network cannot be ended: {}", err.message());
    }
}

/// Shape and values of a float32 output.
pub(super) fn floats<'a>(
    path: &Path,
    value: &'a DynValue,
) -> Result<(&'a [i64], &'a [f32]), BundleError> {
    let (shape, values) = value
        .try_extract_tensor::<f32>()
        .map_err(|err| run_error(path, &err))?;
    Ok((&shape[..], values))
}

fn run_error(path: &Path, err: &ort::Error) -> BundleError {
    BundleError::Run {
        path: path.to_owned(),
        reason: one_line(err.message()),
    }
}

fn load(
    runtime: &Runtime,
    path: &Path,
    bytes: &[u8],
    device: Device,
) -> Result<Session, BundleError> {
    let attempt = || -> ort::Result<Session> {
        let mut builder = Session::builder(&runtime.environment)?;
        if device == Device::Cuda {
            // Without TF32 the results stay within the tolerance that the CPU is held to.
            let cuda = ort::ep::CUDA::default().with_tf32(false);
            builder = builder.with_execution_providers([cuda.build().error_on_failure()])?;
        }
        builder.commit_from_memory(bytes)
    };
    attempt().map_err(|err| run_error(path, &err))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, ArrayView1};
    use ort::value::TensorRef;

    use super::*;
    use crate::inference::onnx::FLOAT;
    use crate::testing::onnx::{Graph, endless_encoder};

    fn graph() -> Graph {
        Graph::new()
            .input("x", FLOAT, &[None])
            .output("y", FLOAT, &[None])
    }

    fn run(model: &ModelSession, x: ArrayView1<'_, f32>) -> Result<Array1<f32>, BundleError> {
        model.run_named(
            || Ok(vec![("x".into(), TensorRef::from_array_view(x)?.into())]),
            &["y"],
            |outputs| Ok(floats(model.path(), outputs[0])?.1.to_vec().into()),
        )
    }

    /// A device that fails at work, in place of a GPU whose memory is gone: its network fails for
    /// any input but one of two values.
    fn failing_device(sound: &[u8]) -> ModelSession {
        let failing = graph()
            .float_constant("two", &[2], &[1.0, 1.0])
            .node("Add", &["x", "two"], &["y"])
            .model(13);
        let mut model = ModelSession::open(
            Path::new("network.onnx"),
            failing.into(),
            DevicePreference::Cpu,
        )
        .unwrap();
        model.bytes = Some(sound.into());
        model.state.get_mut().report = DeviceReport {
            device: Device::Cuda,
            reason: None,
        };
        model
    }

    #[test]
    fn a_gpu_that_fails_at_work_is_left_for_the_cpu_with_the_same_result() {
        let sound = graph().node("Neg", &["x"], &["y"]).model(13);
        let model = failing_device(&sound);
        let x = Array1::from(vec![1.0, 2.0, 3.0]);
        assert_eq!(run(&model, x.view()).unwrap(), -&x);
        let report = model.report();
        assert_eq!(report.device, Device::Cpu);
        let reason = report.reason.unwrap();
        assert!(
            reason.starts_with("CUDA failed while working: "),
            "{reason}"
        );
        // It stays there.
        let two = Array1::from(vec![4.0, 5.0]);
        assert_eq!(run(&model, two.view()).unwrap(), -&two);
    }

    #[test]
    fn a_run_that_fails_on_the_cpu_too_is_an_error() {
        let failing = graph()
            .float_constant("two", &[2], &[1.0, 1.0])
            .node("Add", &["x", "two"], &["y"])
            .model(13);
        let model = failing_device(&failing);
        let x = Array1::from(vec![1.0, 2.0, 3.0]);
        assert!(matches!(
            run(&model, x.view()),
            Err(BundleError::Run { .. })
        ));
        assert_eq!(model.report().device, Device::Cpu);
    }

    #[test]
    fn a_run_without_an_end_is_ended_by_its_cancel_before_it_and_amid_it() {
        let model = ModelSession::open(
            Path::new("network.onnx"),
            endless_encoder(3, 2).into(),
            DevicePreference::Cpu,
        )
        .unwrap();
        let x = ndarray::Array2::<f32>::ones((1, 3));
        let run = |cancel: &CancelToken| {
            model.run_until(
                cancel,
                || {
                    let x = TensorRef::from_array_view(x.view())?;
                    Ok(vec![("features".into(), x.into())])
                },
                &["memory"],
                |_| Ok(()),
            )
        };
        let before = CancelToken::new();
        before.cancel();
        assert!(run(&before).is_err());
        let amid = CancelToken::new();
        let token = amid.clone();
        let canceller = crate::jobs::spawn("cancel", move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            token.cancel();
        });
        assert!(run(&amid).is_err());
        canceller.unwrap().join().unwrap();
    }
}
