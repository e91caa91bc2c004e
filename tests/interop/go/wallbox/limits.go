package main

import (
	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

// phaseUseCase is a use case with one limit per phase.
type phaseUseCase struct {
	name     string
	first    uint // identifier of the limit of the first phase
	category model.LoadControlCategoryType
	scope    model.ScopeTypeType
}

var (
	overload = phaseUseCase{
		"OPEV", 1, model.LoadControlCategoryTypeObligation, model.ScopeTypeTypeOverloadProtection,
	}
	selfConsumption = phaseUseCase{
		"OSCEV", 4, model.LoadControlCategoryTypeRecommendation, model.ScopeTypeTypeSelfConsumption,
	}
)

// addLimits offers the LoadControl server of OPEV and OSCEV.
func (c *car) addLimits() {
	c.limits = c.server(model.FeatureTypeTypeLoadControl,
		model.FunctionTypeLoadControlLimitDescriptionListData)
	c.limits.AddFunctionType(model.FunctionTypeLoadControlLimitListData, true, true)
	descriptions := &model.LoadControlLimitDescriptionListDataType{}
	values := &model.LoadControlLimitListDataType{}
	for _, useCase := range []phaseUseCase{overload, selfConsumption} {
		for i := range meter.Phases {
			id := util.Ptr(model.LoadControlLimitIdType(useCase.first + uint(i)))
			descriptions.LoadControlLimitDescriptionData = append(
				descriptions.LoadControlLimitDescriptionData,
				model.LoadControlLimitDescriptionDataType{
					LimitId:       id,
					LimitType:     util.Ptr(model.LoadControlLimitTypeTypeMaxValueLimit),
					LimitCategory: util.Ptr(useCase.category),
					MeasurementId: util.Ptr(model.MeasurementIdType(uint(i) + 1)),
					Unit:          util.Ptr(model.UnitOfMeasurementTypeA),
					ScopeType:     util.Ptr(useCase.scope),
				})
			values.LoadControlLimitData = append(values.LoadControlLimitData,
				model.LoadControlLimitDataType{
					LimitId:           id,
					IsLimitChangeable: util.Ptr(true),
					IsLimitActive:     util.Ptr(false),
					Value:             model.NewScaledNumberType(highestCurrent),
				})
		}
	}
	c.limits.SetData(model.FunctionTypeLoadControlLimitDescriptionListData, descriptions)
	c.limits.SetData(model.FunctionTypeLoadControlLimitListData, values)
	_ = c.limits.AddWriteApprovalCallback(c.decide)
}

// decide is called by the stack for each write to the limits.
func (c *car) decide(message *api.Message) {
	verdict := model.ErrorType{}
	if c.station.isRefusing() {
		verdict.ErrorNumber = model.ErrorNumberTypeCommandRejected
		verdict.Description = util.Ptr(model.DescriptionType("refused by command"))
	}
	c.limits.ApproveOrDenyWrite(message, verdict)
}

// limitsOf reads the limits in force; an inactive one is nil.
func (c *car) limitsOf(useCase phaseUseCase) []*float64 {
	inForce := make([]*float64, len(meter.Phases))
	data, err := spine.LocalFeatureDataCopyOfType[*model.LoadControlLimitListDataType](
		c.limits, model.FunctionTypeLoadControlLimitListData)
	if err != nil {
		return inForce
	}
	for _, entry := range data.LoadControlLimitData {
		phase, ok := phaseOf(useCase, entry)
		if ok && entry.IsLimitActive != nil && *entry.IsLimitActive && entry.Value != nil {
			inForce[phase] = util.Ptr(entry.Value.GetValue())
		}
	}
	return inForce
}

func phaseOf(useCase phaseUseCase, entry model.LoadControlLimitDataType) (int, bool) {
	if entry.LimitId == nil {
		return 0, false
	}
	phase := int(*entry.LimitId) - int(useCase.first)
	return phase, phase >= 0 && phase < len(meter.Phases)
}

// onWrite reports which limits a peer has written.
func (c *car) onWrite(ski string, written *model.LoadControlLimitListDataType) {
	for _, useCase := range []phaseUseCase{overload, selfConsumption} {
		touched := false
		for _, entry := range written.LoadControlLimitData {
			_, ok := phaseOf(useCase, entry)
			touched = touched || ok
		}
		if touched {
			c.station.node.Report("limit", peer.Members{
				"ski": ski, "use_case": useCase.name, "amperes": c.limitsOf(useCase),
			})
		}
	}
}

// HandleEvent is called by the SPINE stack.
func (s *station) HandleEvent(payload api.EventPayload) {
	s.mux.Lock()
	car := s.car
	s.mux.Unlock()
	if car == nil {
		return
	}
	switch payload.EventType {
	case api.EventTypeEntityChange:
		if payload.ChangeType == api.ElementChangeAdd {
			s.node.HearHeartbeats(car.entity, payload.Entity)
		}
	case api.EventTypeDataChange:
		written, ok := payload.Data.(*model.LoadControlLimitListDataType)
		isWrite := payload.CmdClassifier != nil && *payload.CmdClassifier == model.CmdClassifierTypeWrite
		if ok && isWrite && payload.LocalFeature == car.limits {
			car.onWrite(payload.Ski, written)
		}
	}
}
