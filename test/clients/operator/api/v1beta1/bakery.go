// Package v1beta1 is the older form of a bakery: its oven was one number.
package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
	"sigs.k8s.io/controller-runtime/pkg/scheme"

	v1 "kubedouble.test/operator/api/v1"
)

var (
	GroupVersion  = schema.GroupVersion{Group: "shop.kubedouble.dev", Version: "v1beta1"}
	SchemeBuilder = &scheme.Builder{GroupVersion: GroupVersion}
)

func init() {
	SchemeBuilder.Register(&Bakery{}, &BakeryList{})
}

type BakerySpec struct {
	Loaves      int32  `json:"loaves,omitempty"`
	Flour       string `json:"flour,omitempty"`
	OvenDegrees int32  `json:"ovenDegrees"`
}

type Bakery struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   BakerySpec      `json:"spec,omitempty"`
	Status v1.BakeryStatus `json:"status,omitempty"`
}

func (b *Bakery) ConvertTo(hub conversion.Hub) error {
	to := hub.(*v1.Bakery)
	b.ObjectMeta.DeepCopyInto(&to.ObjectMeta)
	to.Spec = v1.BakerySpec{Loaves: b.Spec.Loaves, Flour: b.Spec.Flour, Oven: v1.Oven{Degrees: b.Spec.OvenDegrees}}
	to.Status = b.Status
	return nil
}

func (b *Bakery) ConvertFrom(hub conversion.Hub) error {
	from := hub.(*v1.Bakery)
	from.ObjectMeta.DeepCopyInto(&b.ObjectMeta)
	b.Spec = BakerySpec{Loaves: from.Spec.Loaves, Flour: from.Spec.Flour, OvenDegrees: from.Spec.Oven.Degrees}
	b.Status = from.Status
	return nil
}

type BakeryList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Bakery `json:"items"`
}

func (b *Bakery) DeepCopyObject() runtime.Object {
	hub := &v1.Bakery{ObjectMeta: b.ObjectMeta, Status: b.Status}
	copied := hub.DeepCopy()
	return &Bakery{TypeMeta: b.TypeMeta, ObjectMeta: copied.ObjectMeta, Spec: b.Spec, Status: copied.Status}
}

func (l *BakeryList) DeepCopyObject() runtime.Object {
	out := &BakeryList{TypeMeta: l.TypeMeta}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for index := range l.Items {
		out.Items = append(out.Items, *l.Items[index].DeepCopyObject().(*Bakery))
	}
	return out
}
