//! From a request to the plain things that handlers work with: wiki, visitor,
//! page, right, form. Each is made in one way only, so holding one is proof that
//! its check was made.

pub mod allowed;
pub mod form;
pub mod multipart;
pub mod page;
pub mod query;
pub mod visitor;
pub mod wiki;
