package histories

import (
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const stickyQueue = "sticky"

// tellsOfMachine lists the fields that name the machine, the process or the build with which a history arose, or
// that only the server needs. Replay needs none of them.
func tellsOfMachine(field protoreflect.FieldDescriptor) bool {
	switch field.Name() {
	case "identity", "stack_trace", "request_id", "worker_version", "task_id":
		return true
	}

	return false
}

// forgetMachine blanks what tells where a history arose, in message and everything inside it.
func forgetMachine(message protoreflect.Message) {
	if queue, ok := message.Interface().(*taskqueuepb.TaskQueue); ok && queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
		queue.Name = stickyQueue
	}

	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case tellsOfMachine(field):
			message.Clear(field)
		case field.IsMap():
			forgetInMap(field, value.Map())
		case field.Kind() != protoreflect.MessageKind:
		case field.IsList():
			for i := range value.List().Len() {
				forgetMachine(value.List().Get(i).Message())
			}
		default:
			forgetMachine(value.Message())
		}

		return true
	})
}

func forgetInMap(field protoreflect.FieldDescriptor, values protoreflect.Map) {
	if field.MapValue().Kind() != protoreflect.MessageKind {
		return
	}

	values.Range(func(_ protoreflect.MapKey, value protoreflect.Value) bool {
		forgetMachine(value.Message())

		return true
	})
}
