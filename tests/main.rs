//! End-to-end tests: the real server on port 0, visitors with a cookie jar that
//! follows the RFC, real SQLite, a real browser.
//!
//! `harness` teaches the words; every other module is one subject, and each test in
//! it a claim in plain words.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod actions;
mod actix_session;
mod addresses;
mod attachments;
mod audit;
mod browser;
mod central_login;
mod check;
mod cli;
mod cookies;
mod counts;
mod csrf;
mod elsewhere;
mod farm_admin;
mod guests;
mod harness;
mod hits;
mod http;
mod issues;
mod kills;
mod login_limits;
mod own_sessions;
mod pages;
mod processes;
mod proof;
mod python_macros;
mod races;
mod recipes;
mod redis;
mod reload;
mod search;
mod sessions;
mod siblings;
mod store_trouble;
mod switch_user;
mod tidy;
mod trail;
