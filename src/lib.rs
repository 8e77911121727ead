//! shipworthy: is this Django deployment fit to ship?

pub mod cli;
pub mod config;
pub mod findings;
pub mod parse;
pub mod project;
pub mod report;
pub mod rules;
pub mod source;
pub mod tree;
