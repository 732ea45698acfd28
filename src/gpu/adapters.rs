//! Which graphics adapters the window could be drawn with. Creates no device.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use eframe::wgpu;
use serde::Serialize;

/// One adapter as its driver describes it.
#[derive(Clone, Debug, Serialize)]
pub struct Adapter {
    pub name: String,
    /// Such as "Vulkan".
    pub backend: String,
    /// Such as "DiscreteGpu", or "Cpu" for drawing in software.
    pub kind: String,
    pub driver: String,
}

impl Adapter {
    /// Whether pictures are computed on the processor.
    pub fn is_software(&self) -> bool {
        self.kind == format!("{:?}", wgpu::DeviceType::Cpu)
    }
}

/// What a machine without any adapter needs.
pub const NO_ADAPTER: &str =
    "no graphics adapter was found; install a software one (package mesa-vulkan-drivers)";

/// Every adapter of this machine; empty where there is no driver at all.
pub fn adapters() -> Vec<Adapter> {
    adapters_of(usable_backends())
}

/// The backends worth asking. OpenGL only where nothing better is there: its libraries write to
/// stderr on machines without a display.
pub fn usable_backends() -> wgpu::Backends {
    if adapters_of(wgpu::Backends::PRIMARY).is_empty() {
        wgpu::Backends::GL
    } else {
        wgpu::Backends::PRIMARY
    }
}

fn adapters_of(backends: wgpu::Backends) -> Vec<Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let instance = wgpu::Instance::new(descriptor);
    block_on(instance.enumerate_adapters(backends))
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            Adapter {
                name: info.name,
                backend: format!("{:?}", info.backend),
                kind: format!("{:?}", info.device_type),
                driver: format!("{} {}", info.driver, info.driver_info)
                    .trim()
                    .to_owned(),
            }
        })
        .collect()
}

/// Runs a future on this thread, asleep while it waits.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
