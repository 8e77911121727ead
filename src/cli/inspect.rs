use super::Failure;
use super::args::InspectArgs;
use std::process::ExitCode;
pub fn run(_: &InspectArgs) -> Result<ExitCode, Failure> {
    unimplemented!()
}
