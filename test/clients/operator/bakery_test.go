// What the operator does, seen from outside.

package operator

import (
	"context"
	"fmt"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "kubedouble.test/operator/api/v1"
	"kubedouble.test/operator/api/v1beta1"
)

func bakery(name string, spec v1.BakerySpec) *v1.Bakery {
	return &v1.Bakery{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}, Spec: spec}
}

func warm() v1.Oven { return v1.Oven{Degrees: 200} }

// baked waits until a bakery reports so many loaves and there are so many.
func baked(ctx context.Context, one *v1.Bakery, loaves int) error {
	return until(fmt.Sprintf("%d loaves of %s", loaves, one.Name), func() (bool, error) {
		if err := reader.Get(ctx, client.ObjectKeyFromObject(one), one); err != nil {
			return false, err
		}
		var list corev1.ConfigMapList
		err := reader.List(ctx, &list, client.InNamespace(one.Namespace))
		count := 0
		for index := range list.Items {
			if metav1.IsControlledBy(&list.Items[index], one) {
				count++
			}
		}
		return int(one.Status.Baked) == loaves && count == loaves && meta.IsStatusConditionTrue(one.Status.Conditions, "Ready"), err
	})
}

func TestReconciles(t *testing.T) {
	ctx := report(t, "a reconciler with finalizer, status, owned objects and an index")
	one := bakery("corner", v1.BakerySpec{Loaves: 3, Oven: warm()})
	must(t, reader.Create(ctx, one))
	must(t, baked(ctx, one, 3))
	want(t, "the finalizer", finalizer, one.Finalizers[0])
	want(t, "the flour of the schema's default", "wheat", one.Spec.Flour)
	// What somebody takes away comes back.
	must(t, reader.Delete(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "corner-1", Namespace: namespace}}))
	must(t, baked(ctx, one, 3))
	before := one.DeepCopy()
	one.Spec.Loaves = 1
	must(t, reader.Patch(ctx, one, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})))
	must(t, baked(ctx, one, 1))
	want(t, "the generation that the condition is about", one.Generation, one.Status.Conditions[0].ObservedGeneration)
	must(t, until("an event about it", func() (bool, error) {
		var list eventsv1.EventList
		err := reader.List(ctx, &list, client.InNamespace(namespace))
		for _, event := range list.Items {
			if event.Regarding.UID == one.UID && event.Note == "1 loaves are ready" {
				return true, err
			}
		}
		return false, err
	}))
	must(t, reader.Delete(ctx, one))
	must(t, until("the bakery is swept and gone", func() (bool, error) {
		err := reader.Get(ctx, client.ObjectKeyFromObject(one), one)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	}))
}

func TestMutatingWebhook(t *testing.T) {
	ctx := report(t, "a mutating webhook served by the test's process")
	one := bakery("defaults", v1.BakerySpec{Oven: warm()})
	must(t, reader.Create(ctx, one, client.DryRunAll))
	want(t, "the loaves of a dry run", 2, one.Spec.Loaves)
	one = bakery("defaults", v1.BakerySpec{Oven: warm()})
	must(t, reader.Create(ctx, one))
	want(t, "the loaves", 2, one.Spec.Loaves)
	want(t, "the annotation", "yes", one.Annotations["shop.kubedouble.dev/defaulted"])
	must(t, reader.Delete(ctx, one))
}

func TestValidatingWebhook(t *testing.T) {
	ctx := report(t, "a validating webhook: refusals, warnings, match conditions, deletion")
	refusal := `admission webhook "vbakery.kubedouble.dev" denied the request: `
	refused(t, reader.Create(ctx, bakery("unlucky", v1.BakerySpec{Loaves: 13, Oven: warm()})), refusal+"13 loaves bring bad luck")
	closed := bakery("closed", v1.BakerySpec{Loaves: 13, Oven: warm()})
	closed.Labels = map[string]string{"closed": "yes"}
	must(t, reader.Create(ctx, closed))
	must(t, reader.Delete(ctx, closed))
	warnings.take()
	one := bakery("kept", v1.BakerySpec{Oven: v1.Oven{Degrees: 20}})
	one.Labels = map[string]string{"keep": "yes"}
	must(t, reader.Create(ctx, one))
	want(t, "the warning", "the oven is cold", warnings.take())
	must(t, baked(ctx, one, 2))
	refused(t, reader.Delete(ctx, one), refusal+"kept is to be kept")
	before := one.DeepCopy()
	one.Spec.Loaves = 26
	refused(t, reader.Patch(ctx, one, client.MergeFrom(before)), refusal+"26 loaves bring bad luck")
	changed := before.DeepCopy()
	changed.Labels = nil
	must(t, reader.Patch(ctx, changed, client.MergeFrom(before)))
	must(t, reader.Delete(ctx, changed))
}

func TestSchema(t *testing.T) {
	ctx := report(t, "the schema and its CEL rules refuse what the webhooks let through")
	refused(t, reader.Create(ctx, bakery("hot", v1.BakerySpec{Oven: v1.Oven{Degrees: 301}})),
		`Bakery.shop.kubedouble.dev "hot" is invalid: spec: Invalid value: only rye bread is baked above 300 degrees`)
	refused(t, reader.Create(ctx, bakery("many", v1.BakerySpec{Loaves: 101, Oven: warm()})),
		`Bakery.shop.kubedouble.dev "many" is invalid: spec.loaves: Invalid value: 101: spec.loaves in body should be less than or equal to 100`)
	one := bakery("rye", v1.BakerySpec{Flour: "rye", Oven: v1.Oven{Degrees: 301}})
	must(t, reader.Create(ctx, one))
	must(t, baked(ctx, one, 2))
	before := one.DeepCopy()
	one.Spec.Flour = "oats"
	one.Spec.Oven = warm()
	refused(t, reader.Patch(ctx, one, client.MergeFrom(before)),
		`Bakery.shop.kubedouble.dev "rye" is invalid: spec.flour: Invalid value: "oats": flour does not change`)
	var list v1.BakeryList
	must(t, reader.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{"spec.flour": "rye"}))
	want(t, "the bakeries with rye", 1, len(list.Items))
	must(t, reader.Delete(ctx, before))
}

func TestConversionWebhook(t *testing.T) {
	ctx := report(t, "a conversion webhook between two versions")
	warnings.take()
	old := &v1beta1.Bakery{ObjectMeta: metav1.ObjectMeta{Name: "old", Namespace: namespace}, Spec: v1beta1.BakerySpec{Loaves: 1, Flour: "spelt", OvenDegrees: 180}}
	must(t, reader.Create(ctx, old))
	want(t, "the warning", "bakeries of v1beta1 are old bread", warnings.take())
	one := bakery("old", v1.BakerySpec{})
	must(t, baked(ctx, one, 1))
	want(t, "the oven in v1", 180, one.Spec.Oven.Degrees)
	before := one.DeepCopy()
	one.Spec.Oven.Degrees = 220
	must(t, reader.Patch(ctx, one, client.MergeFrom(before)))
	must(t, reader.Get(ctx, client.ObjectKeyFromObject(old), old))
	want(t, "the oven in v1beta1", 220, old.Spec.OvenDegrees)
	want(t, "what was baked in v1beta1", 1, old.Status.Baked)
	var list v1beta1.BakeryList
	must(t, reader.List(ctx, &list, client.InNamespace(namespace)))
	want(t, "the bakeries in v1beta1", true, len(list.Items) > 0)
	must(t, reader.Delete(ctx, one))
}

func TestLeaderElection(t *testing.T) {
	ctx := report(t, "leader election by a lease")
	var lease coordinationv1.Lease
	must(t, reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "bakeries"}, &lease))
	want(t, "whether somebody holds the lease", true, *lease.Spec.HolderIdentity != "")
}
