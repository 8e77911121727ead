pub const RULES: &[(&str, super::On)] = &[];
