package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// webhooksExtension is where the contract describes the calls that GeNIO makes.
const webhooksExtension = "x-webhooks"

// WebhookContract is the part of the contract that is about the calls which GeNIO makes to an Ente's application, as a document of
// its own: each call is a path with its name.
func WebhookContract(contract *openapi3.T) (*openapi3.T, error) {
	calls, _ := contract.Extensions[webhooksExtension].(map[string]any)

	paths := make(map[string]any, len(calls))
	for name, call := range calls {
		paths["/"+name] = call
	}

	text, err := json.Marshal(map[string]any{
		"openapi": contract.OpenAPI, "info": contract.Info, "paths": paths, "components": contract.Components,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the contract of webhooks: %w", err)
	}

	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("loading the contract of webhooks: %w", err)
	}

	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validating the contract of webhooks: %w", err)
	}

	return document, nil
}
