# syntax=docker/dockerfile:1

# GeNIO as one static binary and nothing else: no shell, no package manager, no user but its own. Every base is named with its version; the
# last stage starts from nothing and takes the certificate authorities and the time zones from the build's.

FROM node:22.21.1-bookworm-slim AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json ./
RUN --mount=type=cache,target=/cache/npm npm ci --cache=/cache/npm --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM golang:1.26.8-bookworm AS build
WORKDIR /build
ENV CGO_ENABLED=0 GOWORK=off GOCACHE=/cache/go-build
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . ./
COPY --from=frontend /build/dist ./frontend/dist
# What the binary says of itself, and the build id of its workers; see docs/operations.md, "Upgrade".
ARG VERSION
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/cache/go-build \
    test -n "$VERSION" && go build -trimpath -ldflags="-s -w -X github.com/genio-gateway/genio/cmd/genio/wiring.version=$VERSION" \
      -o /genio ./cmd/genio

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /usr/local/go/lib/time/zoneinfo.zip
COPY --from=build /genio /genio
ENV ZONEINFO=/usr/local/go/lib/time/zoneinfo.zip
# By number, because there is no file of users: the same one that owns the encryption keys, see deploy/make-secrets.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/genio"]
