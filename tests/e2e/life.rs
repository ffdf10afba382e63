//! A plugin's life on a running host: swapped, refused, held, tried out,
//! rolled back, and found again after a crash.

mod approval;
mod canary;
mod crash;
mod refused;
mod shared;
mod swap;
