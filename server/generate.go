package server

//go:generate ../tools/run oapi-codegen -config oapi-codegen.yaml openapi.yaml
