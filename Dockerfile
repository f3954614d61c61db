# taskrole as an image: `docker build --target core .` for all commands that need no CDKTF; `--target cdktf .` adds Node,
# Terraform and the cdktf command line. Both run as a user without rights. Mount the files to read at /work:
#
#   docker run --rm --volume "$PWD:/work:ro" taskrole validate
ARG PYTHON_VERSION=3.12
ARG NODE_VERSION=22
ARG TERRAFORM_VERSION=1.13

FROM docker.io/hashicorp/terraform:${TERRAFORM_VERSION} AS terraform

# The versions are those of the locks. What is built here is copied: no image has a build tool.
FROM docker.io/library/node:${NODE_VERSION}-bookworm-slim AS node
WORKDIR /opt/node
COPY .npmrc package.json package-lock.json ./
RUN npm ci --silent --ignore-scripts

FROM docker.io/library/python:${PYTHON_VERSION}-slim-bookworm AS build
ENV VENV=/opt/taskrole \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY Pipfile.lock LICENSE README.md pyproject.toml main.py cdktf.json roles.schema.json ./
COPY tools/print_constraints.py tools/
COPY taskrole taskrole
COPY taskrole_cdktf taskrole_cdktf
COPY stacks stacks
COPY docs/ci docs/ci
COPY tests/stacks/test_synth.py tests/stacks/
# EXTRAS, such as [live], are installed beside the core.
ARG EXTRAS=""
RUN python -m venv "$VENV" \
    && python tools/print_constraints.py > constraints.txt \
    && "$VENV/bin/pip" install --quiet --constraint constraints.txt ".$EXTRAS"

FROM build AS build-cdktf
RUN "$VENV/bin/pip" install --quiet --constraint constraints.txt ".[cdktf]"

FROM docker.io/library/python:${PYTHON_VERSION}-slim-bookworm AS core
ENV PATH=/opt/taskrole/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/taskrole /opt/taskrole
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["taskrole"]

FROM docker.io/library/python:${PYTHON_VERSION}-slim-bookworm AS cdktf
ENV PATH=/opt/taskrole/bin:/opt/node/node_modules/.bin:$PATH \
    HOME=/tmp \
    CHECKPOINT_DISABLE=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=terraform /bin/terraform /usr/local/bin/terraform
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /opt/node /opt/node
COPY --from=build-cdktf /opt/taskrole /opt/taskrole
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["taskrole"]
