//! A session store of one's own: a table behind one lock.
//!
//! Far too simple to serve a farm, and yet a whole store: it passes the suite that every store passes.
//! `cargo test --example store` says so. Start reading at table.rs.

mod table;

use grange_session::SessionStore;

fn main() {
    // A program gives it to `CookieHandler::new`, or to a farm's handler; here it is only made.
    let store: Box<dyn SessionStore> = Box::new(table::OneLockStore::default());
    drop(store);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use grange_session::SessionStore;

    use crate::table::OneLockStore;

    fn one_lock() -> ((), Arc<dyn SessionStore>) {
        ((), Arc::new(OneLockStore::default()))
    }

    grange_session::acceptance_tests!(one_lock);
}
