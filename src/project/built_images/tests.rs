use super::*;
use crate::tree::{MemoryFile, MemoryTree};

fn builds(files: &[(&str, &str)]) -> Vec<BuiltImage> {
    let files = files.iter().map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), *text));
    find(&Snapshot::new(MemoryTree::new(files)))
}

/// Each build with the Dockerfile, the context and the stage.
fn recipes(files: &[(&str, &str)]) -> Vec<Option<(String, String, Option<String>)>> {
    let told = |recipe: Recipe| (recipe.dockerfile.to_string(), recipe.context.to_string(), recipe.target);
    builds(files).into_iter().map(|built| built.recipe.map(told)).collect()
}

fn recipe(dockerfile: &str, context: &str, target: Option<&str>) -> Option<(String, String, Option<String>)> {
    Some((dockerfile.to_owned(), context.to_owned(), target.map(str::to_owned)))
}

fn name(text: &str) -> ImageName {
    ImageName::new(&Template::of_text(text, &Known::new()))
}

fn like(built: &str, used: &str) -> Option<Likeness> {
    name(built).likeness(&name(used))
}

const FROM: &str = "FROM python:3.13-slim\n";
const WORKFLOW: &str = ".github/workflows/deploy.yml";

fn workflow(steps: &str) -> String {
    format!("on: push\nenv:\n  REGISTRY: ghcr.io\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}")
}

#[test]
fn names_with_holes_meet_those_that_they_may_become() {
    use Likeness::{Name, Project, Same};
    for (built, used, expected) in [
        ("ghcr.io/school/web:1", "ghcr.io/school/web", Some(Same)),
        ("docker.io/school/web", "school/web:latest", Some(Same)),
        ("ghcr.io/School/Web", "ghcr.io/school/web", Some(Same)),
        ("${{ secrets.DOCKER_USERNAME }}/web:latest", "school/web", Some(Name)),
        ("${{ secrets.DOCKER_USERNAME }}/web:latest", "${DOCKER_USERNAME}/web:latest", Some(Same)),
        ("${{ secrets.HUB_USER }}/web:latest", "${DOCKER_USERNAME}/web:latest", Some(Name)),
        ("ghcr.io/${{ github.repository }}/web", "ghcr.io/school/site/web", Some(Name)),
        ("ghcr.io/school/web", "${REGISTRY:-localhost:5000}/web", Some(Name)),
        ("ghcr.io/school/web", "${WEB_IMAGE:-ghcr.io/school/web}", Some(Same)),
        ("$WEB_IMAGE", "${WEB_IMAGE}", Some(Same)),
        ("ghcr.io/${{ github.repository }}:latest", "ghcr.io/school/web:latest", Some(Project)),
        ("$CI_REGISTRY_IMAGE:latest", "registry.example.org/school/web:latest", Some(Project)),
        ("ghcr.io/school/web", "ghcr.io/other/web", None),
        ("ghcr.io/school/web", "school/web", None),
        ("ghcr.io/school/web", "ghcr.io/school/webhook", None),
        ("ghcr.io/${{ github.repository_owner }}/web", "docker.io/school/web", None),
        ("${{ secrets.DOCKER_USERNAME }}/web", "web", None),
        ("${{ secrets.IMAGE }}", "school/web", None),
        ("${{ format('a') }}", "${{ format('a') }}", None),
        ("ghcr.io/${{ github.repository }}", "school/web", None),
        ("ghcr.io/school/web-$STAGE", "ghcr.io/school/web-prod", None),
    ] {
        assert_eq!(like(built, used), expected, "{built} {used}");
    }
}

#[test]
fn tags_tell_versions_from_several_images_of_one_repository() {
    for (built, used, expected) in [
        ("a/b:latest", "a/b", Some(Tags::Same)),
        ("a/b:backend", "a/b:backend", Some(Tags::Same)),
        ("a/b:${{ github.sha }}", "a/b:latest", Some(Tags::Versions)),
        ("a/b:latest", "a/b:1.4.2", Some(Tags::Versions)),
        ("a/b:latest", "a/b:${TAG}", Some(Tags::Versions)),
        ("a/b:frontend", "a/b:backend", None),
        ("a/b:frontend-$SHA", "a/b:backend", None),
        ("a/b:dev-latest", "a/b:latest", None),
        ("a/b:latest", "a/b:develop", None),
    ] {
        assert_eq!(name(built).tags(&name(used)), expected, "{built} {used}");
    }
}

#[test]
fn actions_say_context_file_and_stage() {
    let steps = "    - uses: docker/build-push-action@v6\n      with:\n        context: ./web\n        \
                 file: ./web/Dockerfile.prod\n        target: live\n        push: true\n        \
                 build-args: |\n          MODE=live\n          KEY=${{ secrets.KEY }}\n        \
                 tags: |\n          ${{ env.REGISTRY }}/school/web:latest\n          ${{ env.REGISTRY }}/school/web:${{ github.sha }}\n";
    let files = [(WORKFLOW, &*workflow(steps)), ("web/Dockerfile.prod", FROM), ("web/Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile.prod", "web", Some("live"))]);
    let built = &builds(&files)[0];
    assert!(built.pushed && built.names.len() == 2);
    assert_eq!(built.names[0].repository().as_deref(), Some("ghcr.io/school/web"));
    let arguments = &built.recipe.as_ref().unwrap().arguments;
    assert_eq!(arguments["MODE"].value.known().map(String::as_str), Some("live"));
    assert!(arguments["KEY"].value.is_unknown());
}

#[test]
fn the_names_of_metadata_are_those_of_the_image() {
    let steps = "    - id: meta\n      uses: docker/metadata-action@v5\n      with:\n        images: ${{ env.REGISTRY }}/school/web\n    \
                 - uses: docker/build-push-action@v6\n      with:\n        tags: ${{ steps.meta.outputs.tags }}\n";
    let built = builds(&[(WORKFLOW, &workflow(steps)), ("Dockerfile", FROM)]);
    assert_eq!(built[0].names[0].likeness(&name("ghcr.io/school/web:7")), Some(Likeness::Same));
    assert_eq!(built[0].recipe.as_ref().unwrap().dockerfile.as_str(), "Dockerfile");
}

#[test]
fn scripts_say_folders_and_variables() {
    let script = "#!/bin/sh\nIMAGE=ghcr.io/school/web\ncd \"$(dirname \"$0\")/..\"\ndocker build -t \"$IMAGE:$1\" -f docker/Dockerfile .\ndocker push \"$IMAGE:$1\"\n";
    let files = [("scripts/build.sh", script), ("docker/Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("docker/Dockerfile", "", None)]);
    assert!(builds(&files)[0].pushed);
    assert_eq!(builds(&files)[0].names[0].likeness(&name("ghcr.io/school/web")), Some(Likeness::Same));
}

#[test]
fn steps_hand_names_on() {
    let steps = "    - run: echo \"IMAGE=ghcr.io/school/web\" >> $GITHUB_ENV\n    \
                 - run: |\n        cd web\n        docker buildx build --push --target=live --tag $IMAGE:${{ github.sha }} .\n";
    let files = [(WORKFLOW, &*workflow(steps)), ("web/Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile", "web", Some("live"))]);
    assert_eq!(builds(&files)[0].names[0].likeness(&name("ghcr.io/school/web:latest")), Some(Likeness::Same));
}

#[test]
fn other_names_are_given_by_docker_tag() {
    let makefile = "ship:\n\tdocker build -t web .\n\tdocker tag web ghcr.io/school/web:latest\n\tdocker push ghcr.io/school/web:latest\n";
    let built = builds(&[("Makefile", makefile), ("Dockerfile", FROM)]);
    assert_eq!(built[0].names.len(), 2);
    assert!(built[0].pushed);
}

#[test]
fn kaniko_builds_in_gitlab() {
    let pipeline = "web:\n  stage: build\n  script:\n    - /kaniko/executor --context $CI_PROJECT_DIR/web --dockerfile $CI_PROJECT_DIR/web/Dockerfile --destination $CI_REGISTRY_IMAGE/web:$CI_COMMIT_SHA\n";
    let files = [(".gitlab-ci.yml", pipeline), ("web/Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile", "web", None)]);
    assert_eq!(builds(&files)[0].names[0].likeness(&name("registry.example.org/a/b/web")), Some(Likeness::Name));
}

#[test]
fn what_cannot_be_told_is_unknown() {
    let steps = "    - uses: docker/build-push-action@v6\n      with:\n        target: ${{ matrix.stage }}\n        tags: school/web\n    \
                 - run: docker build -t school/web https://example.org/school/web.git\n";
    assert_eq!(recipes(&[(WORKFLOW, &workflow(steps)), ("Dockerfile", FROM)]), [None, None]);
    // From the root or from its own folder: both have one.
    let script = "#!/bin/sh\ndocker build -t school/web .\n";
    assert_eq!(recipes(&[("web/build.sh", script), ("web/Dockerfile", FROM), ("Dockerfile", FROM)]), [None]);
}

const MATRIX: &str = "on: push\njobs:\n  image:\n    strategy:\n      matrix:\n        part: [web, worker]\n        include:\n          - part: web\n            file: web/Dockerfile\n          - part: worker\n            file: Dockerfile\n            stage: live\n    steps:\n    - uses: docker/build-push-action@v6\n      with:\n        context: .\n        file: ${{ matrix.file }}\n        target: ${{ matrix.stage }}\n        tags: ghcr.io/school/${{ matrix.part }}:latest\n";

#[test]
fn each_job_of_a_matrix_builds_its_own() {
    let files = [(WORKFLOW, MATRIX), ("web/Dockerfile", FROM), ("Dockerfile", FROM)];
    let built = builds(&files);
    let names = ["ghcr.io/school/web", "ghcr.io/school/worker"];
    for (built, named) in built.iter().zip(names) {
        assert_eq!(built.names[0].likeness(&name(named)), Some(Likeness::Same), "{named}");
    }
    // An axis that an entry does not have is not known.
    assert_eq!(recipes(&files), [None, recipe("Dockerfile", "", Some("live"))]);
    let told = MATRIX.replace("        target: ${{ matrix.stage }}\n", "");
    let files = [(WORKFLOW, &*told), ("web/Dockerfile", FROM), ("Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile", "", None), recipe("Dockerfile", "", None)]);
    // What only the pipeline knows stays unknown.
    let open = MATRIX.replace("[web, worker]", "${{ fromJSON(needs.list.outputs.parts) }}");
    assert_eq!(recipes(&[(WORKFLOW, &*open), ("web/Dockerfile", FROM), ("Dockerfile", FROM)]), [None]);
}

#[test]
fn workflows_and_actions_are_followed_with_their_inputs() {
    let build = "    - uses: docker/build-push-action@v6\n      with:\n        context: ${{ inputs.folder }}\n        target: ${{ inputs.stage }}\n        tags: ghcr.io/school/${{ inputs.image }}:latest\n";
    let callee = format!(
        "on:\n  workflow_call:\n    inputs:\n      image: {{required: true, type: string}}\n      folder: {{type: string}}\n      stage: {{type: string, default: live}}\njobs:\n  build:\n    steps:\n{build}"
    );
    let caller = "on: push\njobs:\n  web-prod:\n    uses: ./.github/workflows/build.yml\n    with:\n      image: web\n      folder: web\n  worker:\n    uses: ./.github/workflows/build.yml\n    with:\n      image: worker\n      folder: ${{ needs.find.outputs.folder }}\n";
    let files =
        [(WORKFLOW, caller), (".github/workflows/build.yml", &*callee), ("web/Dockerfile", FROM), ("Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile", "web", Some("live")), None]);
    assert_eq!(builds(&files)[0].environment, Some(Environment::Production));
    assert_eq!(builds(&files)[1].names[0].likeness(&name("ghcr.io/school/worker")), Some(Likeness::Same));
    // Nobody calls it: what it is given is not known.
    assert_eq!(recipes(&files[1..]), [None]);
    let action = format!(
        "inputs:\n  folder: {{}}\n  image: {{}}\n  stage: {{default: live}}\nruns:\n  using: composite\n  steps:\n{build}"
    );
    let steps = "    - uses: ./.github/actions/image\n      with:\n        folder: web\n        image: web\n";
    let files =
        [(WORKFLOW, &*workflow(steps)), (".github/actions/image/action.yml", &*action), ("web/Dockerfile", FROM)];
    assert_eq!(recipes(&files), [recipe("web/Dockerfile", "web", Some("live"))]);
}
