use super::args::InspectArgs; use super::Failure; use std::process::ExitCode; pub fn run(_: &InspectArgs) -> Result<ExitCode, Failure> { unimplemented!() }
