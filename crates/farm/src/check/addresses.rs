//! The address lists of one wiki.
//!
//! That entries parse is known since reading; whether they clash with those of other wikis is `lint/addresses.rs`.

use crate::address::Address;
use crate::raw::Text;

/// Entries as addresses.
pub(super) fn addresses(items: &[Text]) -> Vec<Address> {
    items.iter().filter_map(|item| Address::parse(&item.value).ok()).collect()
}
