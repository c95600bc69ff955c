//! .

pub mod address;
pub mod router;
