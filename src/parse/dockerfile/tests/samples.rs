/// Valid Dockerfiles of many styles. Heredocs only where `<<` comes first, which is all that the oracle knows.
pub(super) const SAMPLES: &[&str] = &[
    r#"FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000"]
"#,
    r#"# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.12
FROM python:${PYTHON_VERSION}-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

FROM base AS build
# compilers stay here
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        build-essential \
        # for psycopg
        libpq-dev \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,source=requirements.txt,target=/r.txt \
    pip install --prefix=/install -r /r.txt

FROM base
COPY --from=build /install /usr/local
COPY --chown=app:app . /app
USER app
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["web"]
"#,
    r#"FROM debian:12
RUN <<EOF
apt-get update
apt-get install -y curl
EOF
COPY <<config.ini /etc/
[a]
b = $c
config.ini
"#,
    r#"FROM debian:12
RUN <<-'EOF'
	echo "$HOME"
	EOF
CMD true
"#,
    r#"FROM alpine
HEALTHCHECK --interval=30s --timeout=3s --retries=3 CMD wget -q -O- http://localhost/ || exit 1
STOPSIGNAL SIGQUIT
VOLUME /data /logs
VOLUME ["/a b", "/c"]
EXPOSE 80/tcp 443 9000-9010/udp
MAINTAINER Jo Doe <jo@example.org>
"#,
    r#"FROM alpine
HEALTHCHECK NONE
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
RUN wget -O- https://example.org | tar xz
ONBUILD COPY . /app
ONBUILD RUN make
"#,
    "FROM a\r\nRUN b \\\r\n    c\r\nCMD [\"d\"]\r\n",
    r#"from python:3
run echo hello
cmd python manage.py runserver
"#,
    r#"FROM node:22 AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci && npm run build

FROM nginx:1.27
COPY --from=assets --chmod=644 /src/dist /usr/share/nginx/html
COPY ["nginx conf/default.conf", "/etc/nginx/conf.d/"]
"#,
    r#"FROM a
LABEL org.opencontainers.image.title="The title" \
      org.opencontainers.image.licenses=MIT
LABEL one two
ENV OLD style of env
ENV A=1 B="2 3" C=4\ 5
ARG D
ARG E=e
"#,
    r#"FROM a
RUN if [ -f x ]; then \
      echo "yes # no comment"; \
    else \
# a comment at the margin
      echo no; \
    fi
"#,
    r#"FROM --platform=linux/amd64 a AS b
RUN echo $((1 << 2)) && cat <<<text
"#,
    r#"# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\app
COPY app.exe C:\app\
CMD ["C:\\app\\app.exe"]
"#,
    r#"FROM scratch
ADD https://example.org/rootfs.tar.gz /
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/x /x
ENTRYPOINT /bin/run --now
"#,
    r#"FROM ghcr.io/astral-sh/uv:python3.13-bookworm-slim@sha256:0123456789abcdef
RUN --network=none --security=sandbox uv sync --frozen
"#,
    r#"FROM a
RUN ["/bin/bash", "-c", "echo \"quoted\" \\ \u00e9"]
ENTRYPOINT [ "a" , "b" ]
CMD []
"#,
    r#"

# a comment first

FROM a

RUN echo é && echo 🎉   
USER 1000:1000

# the last line has no line break
WORKDIR /é"#,
    r#"ARG A=1
ARG B
FROM a:$A
FROM a:${B:-2} AS two
FROM two AS three
COPY --from=0 /x /y
COPY --from=two --link /x /y
COPY a b c/
"#,
    r#"FROM a
RUN a \

 && b \
    
 && c
"#,
    r#"FROM python:3.12
ENV DJANGO_SETTINGS_MODULE=config.settings.production
RUN SECRET_KEY=build python manage.py collectstatic --noinput
RUN addgroup --system app && adduser --system --group app
USER app:app
CMD gunicorn config.wsgi --workers ${WORKERS:-3} --bind :$PORT
"#,
];
