//! shipworthy: is this Django deployment fit to ship?
pub mod source;
