// Objects through the typed clients: bodies, errors, conflicts, pages, server-side apply.

package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/util/retry"
)

func typedObjects(e *env, contentType string) error {
	e.config.ContentType = contentType
	e.config.AcceptContentTypes = contentType
	client, err := kubernetes.NewForConfig(e.config)
	if err != nil {
		return err
	}
	maps := client.CoreV1().ConfigMaps(e.namespace)
	created, err := maps.Create(e.ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "typed-"}, Data: map[string]string{"a": "1"}, BinaryData: map[string][]byte{"b": {0, 255, 10}},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	got, err := maps.Get(e.ctx, created.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got.UID != created.UID || got.Data["a"] != "1" || string(got.BinaryData["b"]) != "\x00\xff\n" || got.CreationTimestamp.IsZero() {
		return fmt.Errorf("got %v", got)
	}
	got.Data["a"] = "2"
	updated, err := maps.Update(e.ctx, got, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	patched, err := maps.Patch(e.ctx, created.Name, types.StrategicMergePatchType, []byte(`{"data":{"c":"3"}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	if patched.Data["a"] != "2" || patched.Data["c"] != "3" || patched.ResourceVersion == updated.ResourceVersion {
		return fmt.Errorf("patched to %v", patched)
	}
	if err := maps.Delete(e.ctx, created.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(created.UID))}); err != nil {
		return err
	}
	_, err = maps.Get(e.ctx, created.Name, metav1.GetOptions{})
	return want("not found after deletion", true, apierrors.IsNotFound(err))
}

func errorReasons(e *env) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	first, err := maps.Create(e.ctx, configMap("one", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, again := maps.Create(e.ctx, configMap("one", nil), metav1.CreateOptions{})
	_, invalid := maps.Create(e.ctx, configMap("No Name", nil), metav1.CreateOptions{})
	_, elsewhere := e.client.CoreV1().ConfigMaps("no-such-namespace").Create(e.ctx, configMap("one", nil), metav1.CreateOptions{})
	stale := first.DeepCopy()
	stale.ResourceVersion = "1"
	_, conflict := maps.Update(e.ctx, stale, metav1.UpdateOptions{})
	precondition := maps.Delete(e.ctx, "one", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("other")})
	// Without MaxRetries the client would try again and again, as the answer tells it to.
	tooLarge := e.client.CoreV1().RESTClient().Get().Namespace(e.namespace).Resource("configmaps").
		Param("resourceVersion", "999999999999").MaxRetries(0).Do(e.ctx).Error()
	for _, each := range []struct {
		what string
		ok   bool
		err  error
	}{
		{"AlreadyExists", apierrors.IsAlreadyExists(again), again},
		{"Invalid with the field metadata.name", apierrors.IsInvalid(invalid) && apierrors.HasStatusCause(invalid, metav1.CauseTypeFieldValueInvalid), invalid},
		{"NotFound for the namespace", apierrors.IsNotFound(elsewhere), elsewhere},
		{"Conflict on an old version", apierrors.IsConflict(conflict), conflict},
		{"Conflict on a precondition", apierrors.IsConflict(precondition), precondition},
		{"Timeout with ResourceVersionTooLarge", apierrors.IsTimeout(tooLarge) && apierrors.HasStatusCause(tooLarge, metav1.CauseTypeResourceVersionTooLarge), tooLarge},
	} {
		if !each.ok {
			return fmt.Errorf("%s: got %v", each.what, each.err)
		}
	}
	return nil
}

func conflictsAreRetried(e *env) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	if _, err := maps.Create(e.ctx, configMap("counter", map[string]string{}), metav1.CreateOptions{}); err != nil {
		return err
	}
	writers := 8
	results := make(chan error, writers)
	for index := range writers {
		go func() {
			backoff := retry.DefaultBackoff
			backoff.Steps = 30
			results <- retry.RetryOnConflict(backoff, func() error {
				current, err := maps.Get(e.ctx, "counter", metav1.GetOptions{})
				if err != nil {
					return err
				}
				if current.Data == nil {
					current.Data = map[string]string{}
				}
				current.Data[fmt.Sprint(index)] = "written"
				_, err = maps.Update(e.ctx, current, metav1.UpdateOptions{})
				return err
			})
		}()
	}
	for range writers {
		if err := <-results; err != nil {
			return err
		}
	}
	end, err := maps.Get(e.ctx, "counter", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return want("the number of writes kept", writers, len(end.Data))
}

func pages(e *env) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	for index := range 25 {
		if _, err := maps.Create(e.ctx, configMap(fmt.Sprintf("page-%02d", index), nil), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	asked := 0
	lister := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		asked++
		return maps.List(ctx, options)
	})
	lister.PageSize = 10
	var names []string
	err := lister.EachListItem(e.ctx, metav1.ListOptions{LabelSelector: "app=check"}, func(object runtime.Object) error {
		names = append(names, object.(*corev1.ConfigMap).Name)
		return nil
	})
	if err != nil {
		return err
	}
	if len(names) != 25 || asked != 3 || names[0] != "page-00" || names[24] != "page-24" {
		return fmt.Errorf("%d pages with %v", asked, names)
	}
	return nil
}

func typedApply(e *env) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	wanted := func(value string) *applycorev1.ConfigMapApplyConfiguration {
		return applycorev1.ConfigMap("applied", e.namespace).WithData(map[string]string{"a": value})
	}
	if _, err := maps.Apply(e.ctx, wanted("1").WithLabels(map[string]string{"by": "one"}), metav1.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	_, err := maps.Apply(e.ctx, wanted("2"), metav1.ApplyOptions{FieldManager: "two"})
	if !apierrors.IsConflict(err) || !apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict) {
		return fmt.Errorf("a field of another manager: %v", err)
	}
	forced, err := maps.Apply(e.ctx, wanted("2"), metav1.ApplyOptions{FieldManager: "two", Force: true})
	if err != nil {
		return err
	}
	mine, err := applycorev1.ExtractConfigMap(forced, "one")
	if err != nil {
		return err
	}
	if len(mine.Data) != 0 || mine.Labels["by"] != "one" {
		return fmt.Errorf("what is left to the first manager: %v", mine)
	}
	gone, err := maps.Apply(e.ctx, applycorev1.ConfigMap("applied", e.namespace), metav1.ApplyOptions{FieldManager: "two"})
	if err != nil {
		return err
	}
	return want("the number of keys no longer applied", 0, len(gone.Data))
}
