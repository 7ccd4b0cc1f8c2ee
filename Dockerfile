# One image for every process of the site: web, realtime, workers, beat and the one-off "prepare".
FROM python:3.12-slim-bookworm

# bubblewrap: ffmpeg runs in a namespace without network. Fonts: text that is drawn onto clips.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap fonts-dejavu-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*

# Automatic captions: docker compose build --build-arg EXTRA=requirements/captions.txt
ARG EXTRA=
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/bootstrap.txt requirements/base.txt requirements/captions.txt requirements/opensearch.txt requirements/
RUN python -m venv /venv \
    && pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && VIRTUAL_ENV=/venv uv pip sync --no-cache --require-hashes requirements/base.txt requirements/opensearch.txt $EXTRA

COPY . .
# The build checks the sources and compiles the translations; a process at run time may not write here.
RUN python -m compileall -q . \
    && python -c "from pathlib import Path; from socialapp.translations import compile_all; compile_all(Path('locale'))" \
    && useradd --system --uid 10001 --home-dir /nonexistent site \
    && mkdir -p /srv/data /srv/files /srv/static && chown site /srv/data /srv/files /srv/static
USER site
