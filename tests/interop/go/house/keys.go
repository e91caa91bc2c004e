package main

import (
	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/util"
)

// key is one configuration key; its position in the list is its number.
type key struct {
	name  model.DeviceConfigurationKeyNameType
	value model.DeviceConfigurationKeyValueValueType
}

func (k key) kind() model.DeviceConfigurationKeyValueTypeType {
	switch {
	case k.value.String != nil:
		return model.DeviceConfigurationKeyValueTypeTypeString
	case k.value.Duration != nil:
		return model.DeviceConfigurationKeyValueTypeTypeDuration
	}
	return model.DeviceConfigurationKeyValueTypeTypeScaledNumber
}

// keys is a DeviceConfiguration server; all of a list are changeable or none, because the stack
// refuses a partial write next to an entry that is not.
type keys struct {
	feature  api.FeatureLocalInterface
	entries  []key
	writable bool
}

func newKeys(entity api.EntityLocalInterface, writable bool, entries ...key) *keys {
	k := &keys{entries: entries, writable: writable}
	k.feature = entity.GetOrAddFeature(model.FeatureTypeTypeDeviceConfiguration, model.RoleTypeServer)
	descriptions := &model.DeviceConfigurationKeyValueDescriptionListDataType{}
	values := &model.DeviceConfigurationKeyValueListDataType{}
	for i, entry := range entries {
		descriptions.DeviceConfigurationKeyValueDescriptionData = append(
			descriptions.DeviceConfigurationKeyValueDescriptionData,
			model.DeviceConfigurationKeyValueDescriptionDataType{
				KeyId:     util.Ptr(model.DeviceConfigurationKeyIdType(i)),
				KeyName:   util.Ptr(entry.name),
				ValueType: util.Ptr(entry.kind()),
			})
		values.DeviceConfigurationKeyValueData = append(
			values.DeviceConfigurationKeyValueData, k.data(i, entry.value))
	}
	k.feature.AddFunctionType(model.FunctionTypeDeviceConfigurationKeyValueDescriptionListData, true, false)
	k.feature.AddFunctionType(model.FunctionTypeDeviceConfigurationKeyValueListData, true, writable)
	k.feature.SetData(model.FunctionTypeDeviceConfigurationKeyValueDescriptionListData, descriptions)
	k.feature.SetData(model.FunctionTypeDeviceConfigurationKeyValueListData, values)
	return k
}

func (k *keys) data(
	index int, value model.DeviceConfigurationKeyValueValueType,
) model.DeviceConfigurationKeyValueDataType {
	return model.DeviceConfigurationKeyValueDataType{
		KeyId:             util.Ptr(model.DeviceConfigurationKeyIdType(index)),
		Value:             &value,
		IsValueChangeable: util.Ptr(k.writable),
	}
}

// set notifies a new value.
func (k *keys) set(index int, value model.DeviceConfigurationKeyValueValueType) {
	list := &model.DeviceConfigurationKeyValueListDataType{
		DeviceConfigurationKeyValueData: []model.DeviceConfigurationKeyValueDataType{k.data(index, value)},
	}
	k.feature.UpdateData(model.FunctionTypeDeviceConfigurationKeyValueListData, list,
		model.NewFilterTypePartial(), nil)
}
