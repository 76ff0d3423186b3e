// Clients that know no types: dynamic and metadata-only.

package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

func dynamicMap(name string, data map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name, "labels": map[string]any{"app": "check"}}, "data": data,
	}}
}

func dynamicClient(e *env) error {
	client, err := dynamic.NewForConfig(e.config)
	if err != nil {
		return err
	}
	maps := client.Resource(configMaps).Namespace(e.namespace)
	watcher, err := maps.Watch(e.ctx, metav1.ListOptions{LabelSelector: "app=check"})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	if _, err := maps.Create(e.ctx, dynamicMap("one", map[string]any{"a": "1"}), metav1.CreateOptions{}); err != nil {
		return err
	}
	patched, err := maps.Patch(e.ctx, "one", types.JSONPatchType, []byte(`[{"op":"test","path":"/data/a","value":"1"},{"op":"replace","path":"/data/a","value":"2"}]`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	value, _, _ := unstructured.NestedString(patched.Object, "data", "a")
	if err := want("the patched value", "2", value); err != nil {
		return err
	}
	// The object no longer meets the selector: for this watch it is deleted.
	if _, err := maps.Patch(e.ctx, "one", types.MergePatchType, []byte(`{"metadata":{"labels":{"app":null}}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	for _, expected := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted} {
		select {
		case event := <-watcher.ResultChan():
			if err := want("the event", expected, event.Type); err != nil {
				return err
			}
		case <-time.After(patience):
			return fmt.Errorf("no event %s", expected)
		}
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, time.Hour, e.namespace, nil)
	informer := factory.ForResource(configMaps).Informer()
	var added, updated, deleted atomic.Int32
	if _, err := informer.AddEventHandler(counted(&added, &updated, &deleted)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer factory.Shutdown()
	defer stop()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the cache did not fill")
	}
	return follow(e, &added, &updated, &deleted)
}

func dynamicApply(e *env) error {
	client, err := dynamic.NewForConfig(e.config)
	if err != nil {
		return err
	}
	maps := client.Resource(configMaps).Namespace(e.namespace)
	if _, err := maps.Apply(e.ctx, "one", dynamicMap("one", map[string]any{"a": "1"}), metav1.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	if _, err := maps.Apply(e.ctx, "one", dynamicMap("one", map[string]any{"a": "2"}), metav1.ApplyOptions{FieldManager: "two"}); !apierrors.IsConflict(err) {
		return fmt.Errorf("a field of another manager: %v", err)
	}
	applied, err := maps.Apply(e.ctx, "one", dynamicMap("one", map[string]any{"a": "1", "b": "2"}), metav1.ApplyOptions{FieldManager: "two"})
	if err != nil {
		return err
	}
	managers := map[string]metav1.ManagedFieldsOperationType{}
	for _, entry := range applied.GetManagedFields() {
		managers[entry.Manager] = entry.Operation
	}
	if len(managers) != 2 || managers["one"] != metav1.ManagedFieldsOperationApply || managers["two"] != metav1.ManagedFieldsOperationApply {
		return fmt.Errorf("the managers are %v", managers)
	}
	return nil
}

func metadataOnly(e *env) error {
	recorded := recordRequests(e.config)
	client, err := metadata.NewForConfig(metadata.ConfigFor(e.config))
	if err != nil {
		return err
	}
	if _, err := e.client.CoreV1().ConfigMaps(e.namespace).Create(e.ctx, configMap("early", map[string]string{"a": "1"}), metav1.CreateOptions{}); err != nil {
		return err
	}
	maps := client.Resource(configMaps).Namespace(e.namespace)
	got, err := maps.Get(e.ctx, "early", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got.Name != "early" || got.Labels["app"] != "check" || got.UID == "" {
		return fmt.Errorf("got %v", got)
	}
	if _, err := maps.Patch(e.ctx, "early", types.MergePatchType, []byte(`{"metadata":{"annotations":{"note":"x"}}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	list, err := maps.List(e.ctx, metav1.ListOptions{LabelSelector: "app=check"})
	if err != nil {
		return err
	}
	if len(list.Items) != 1 || list.Items[0].Annotations["note"] != "x" {
		return fmt.Errorf("listed %v", list.Items)
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, time.Hour, e.namespace, nil)
	informer := factory.ForResource(configMaps).Informer()
	var added, updated, deleted atomic.Int32
	if _, err := informer.AddEventHandler(counted(&added, &updated, &deleted)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer factory.Shutdown()
	defer stop()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the cache did not fill")
	}
	for _, accept := range recorded.accepts("configmaps") {
		if !strings.Contains(accept, "as=PartialObjectMetadata") {
			return fmt.Errorf("asked with Accept %q", accept)
		}
	}
	return follow(e, &added, &updated, &deleted)
}
