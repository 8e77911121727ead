//! shipworthy: is this Django deployment fit to ship?

pub mod parse;
pub mod project;
pub mod source;
pub mod tree;
