package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/notification"
)

const (
	bulkOperation = "createNotifications"
	itemsField    = "items"
	// wholeItem is the field of an error that concerns an item and no single field of it.
	wholeItem = "item"
	// maxItemErrors keeps the answer to a thousand careless items small.
	maxItemErrors = 20
)

// envelopeOf is the route with a list of items that may be anything, and the schema of an item: each is checked by
// itself, so that an invalid one hinders no other.
func envelopeOf(route *routers.Route) (envelope *routers.Route, item *openapi3.Schema) {
	operation := *route.Operation
	body := *operation.RequestBody.Value
	media := *body.Content[echo.MIMEApplicationJSON]
	schema := *media.Schema.Value
	list := *schema.Properties[itemsField].Value
	item = list.Items.Value

	list.Items = openapi3.NewSchema().WithNullable().NewRef()
	schema.Properties = maps.Clone(schema.Properties)
	schema.Properties[itemsField] = list.NewRef()
	media.Schema = schema.NewRef()
	body.Content = openapi3.Content{echo.MIMEApplicationJSON: &media}
	operation.RequestBody = &openapi3.RequestBodyRef{Value: &body}

	changed := *route
	changed.Operation = &operation

	return &changed, item
}

// itemCheck checks the items of a bulk one after the other, and passes on those that are valid.
type itemCheck struct {
	item schemaCheck
}

func newItemCheck(item *openapi3.Schema) itemCheck {
	return itemCheck{item: newSchemaCheck(item)}
}

var errNoItems = errors.New("a validated bulk has no items")

func (k itemCheck) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()

		items, err := validatedItems(request.Body)
		if err != nil {
			return err
		}

		valid, rejected, err := k.sort(request.Context(), items)
		if err != nil {
			return err
		}

		// What is bound is what was checked; the text of the body is not read again.
		request.Body = validItems{ReadCloser: http.NoBody, items: valid}
		request.ContentLength = 0
		c.SetRequest(request.WithContext(context.WithValue(request.Context(), itemsKey{}, rejected)))

		return next(c)
	}
}

func validatedItems(body io.ReadCloser) ([]any, error) {
	checked, isChecked := body.(interface{ ValidatedValue() any })
	if !isChecked {
		return nil, errNoItems
	}

	envelope, isObject := checked.ValidatedValue().(map[string]any)
	if !isObject {
		return nil, errNoItems
	}

	items, isList := envelope[itemsField].([]any)
	if !isList {
		return nil, errNoItems
	}

	return items, nil
}

// sort tells the valid items from the others. rejected has an entry for each item, empty for a valid one.
func (k itemCheck) sort(ctx context.Context, items []any) (valid []any, rejected []notification.FieldErrors, err error) {
	rejected = make([]notification.FieldErrors, len(items))

	for i, item := range items {
		// Nobody waits any more: the checks of very many items are not worth their while.
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("checking the items of a bulk: %w", err)
		}

		if rejected[i] = k.item.errorsOf(item, wholeItem); len(rejected[i]) == 0 {
			valid = append(valid, item)
		}
	}

	return valid, rejected, nil
}

// validItems is a body whose items were checked.
type validItems struct {
	io.ReadCloser

	items []any
}

// ValidatedValue is what the generated code binds.
func (b validItems) ValidatedValue() any { return map[string]any{itemsField: b.items} }

type itemsKey struct{}

// rejectedItems are the errors of a bulk's items, by their place; empty for those that the contract allows.
func rejectedItems(ctx context.Context) []notification.FieldErrors {
	rejected, _ := ctx.Value(itemsKey{}).([]notification.FieldErrors)

	return rejected
}
