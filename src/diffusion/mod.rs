//! diffusion.
