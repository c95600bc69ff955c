//! .

pub mod address;
