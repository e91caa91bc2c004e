"""Types of CommonDataTypes; generated from the SPINE 1.3.0 schemas – do not edit."""

# ruff: noqa: E741, N815

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class RecurringInterval:
    """Values of ``RecurringIntervalEnumType``."""

    YEARLY = "yearly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    DAILY = "daily"
    HOURLY = "hourly"
    EVERY_MINUTE = "everyMinute"
    EVERY_SECOND = "everySecond"


class Month:
    """Values of ``MonthType``."""

    JANUARY = "january"
    FEBRUARY = "february"
    MARCH = "march"
    APRIL = "april"
    MAY = "may"
    JUNE = "june"
    JULY = "july"
    AUGUST = "august"
    SEPTEMBER = "september"
    OCTOBER = "october"
    NOVEMBER = "november"
    DECEMBER = "december"


class DayOfWeek:
    """Values of ``DayOfWeekType``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Occurrence:
    """Values of ``OccurrenceEnumType``."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"


class CommodityType:
    """Values of ``CommodityTypeEnumType``."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    OIL = "oil"
    WATER = "water"
    WASTE_WATER = "wasteWater"
    DOMESTIC_HOT_WATER = "domesticHotWater"
    HEATING_WATER = "heatingWater"
    STEAM = "steam"
    HEAT = "heat"
    COOLING_LOAD = "coolingLoad"
    AIR = "air"


class EnergyDirection:
    """Values of ``EnergyDirectionEnumType``."""

    CONSUME = "consume"
    PRODUCE = "produce"


class EnergyMode:
    """Values of ``EnergyModeEnumType``."""

    CONSUME = "consume"
    PRODUCE = "produce"
    IDLE = "idle"
    AUTO = "auto"


class UnitOfMeasurement:
    """Values of ``UnitOfMeasurementEnumType``."""

    unknown = "unknown"
    one = "1"
    m = "m"
    kg = "kg"
    s = "s"
    A = "A"
    K = "K"
    mol = "mol"
    cd = "cd"
    V = "V"
    W = "W"
    Wh = "Wh"
    VA = "VA"
    VAh = "VAh"
    var = "var"
    varh = "varh"
    degC = "degC"
    degF = "degF"
    Lm = "Lm"
    lx = "lx"
    Ohm = "Ohm"
    Hz = "Hz"
    dB = "dB"
    dBm = "dBm"
    pct = "pct"
    ppm = "ppm"
    l = "l"
    l_per_s = "l/s"
    l_per_h = "l/h"
    deg = "deg"
    rad = "rad"
    rad_per_s = "rad/s"
    sr = "sr"
    Gy = "Gy"
    Bq = "Bq"
    Bq_per_m3 = "Bq/m^3"
    Sv = "Sv"
    Rd = "Rd"
    C = "C"
    F = "F"
    H = "H"
    J = "J"
    N = "N"
    N_m = "N_m"
    N_s = "N_s"
    Wb = "Wb"
    T = "T"
    Pa = "Pa"
    bar = "bar"
    atm = "atm"
    psi = "psi"
    mmHg = "mmHg"
    m2 = "m^2"
    m3 = "m^3"
    m3_per_h = "m^3/h"
    m_per_s = "m/s"
    m_per_s2 = "m/s^2"
    m3_per_s = "m^3/s"
    m_per_m3 = "m/m^3"
    kg_per_m3 = "kg/m^3"
    kg_m = "kg_m"
    m2_per_s = "m^2/s"
    W_per_m_K = "W/m_K"
    J_per_K = "J/K"
    one_per_s = "1/s"
    W_per_m2 = "W/m^2"
    J_per_m2 = "J/m^2"
    S = "S"
    S_per_m = "S/m"
    K_per_s = "K/s"
    Pa_per_s = "Pa/s"
    J_per_kg_K = "J/kg_K"
    Vs = "Vs"
    V_per_m = "V/m"
    V_per_Hz = "V/Hz"
    As = "As"
    A_per_m = "A/m"
    Hz_per_s = "Hz/s"
    kg_per_s = "kg/s"
    kg_m2 = "kg_m^2"
    J_per_Wh = "J/Wh"
    W_per_s = "W/s"
    ft3 = "ft^3"
    ft3_per_h = "ft^3/h"
    ccf = "ccf"
    ccf_per_h = "ccf/h"
    US_liq_gal = "US.liq.gal"
    US_liq_gal_per_h = "US.liq.gal/h"
    Imp_gal = "Imp.gal"
    Imp_gal_per_h = "Imp.gal/h"
    Btu = "Btu"
    Btu_per_h = "Btu/h"
    Ah = "Ah"
    kg_per_Wh = "kg/Wh"


class Currency:
    """Values of ``CurrencyEnumType``."""

    AED = "AED"
    AFN = "AFN"
    ALL = "ALL"
    AMD = "AMD"
    ANG = "ANG"
    AOA = "AOA"
    ARS = "ARS"
    AUD = "AUD"
    AWG = "AWG"
    AZN = "AZN"
    BAM = "BAM"
    BBD = "BBD"
    BDT = "BDT"
    BGN = "BGN"
    BHD = "BHD"
    BIF = "BIF"
    BMD = "BMD"
    BND = "BND"
    BOB = "BOB"
    BOV = "BOV"
    BRL = "BRL"
    BSD = "BSD"
    BTN = "BTN"
    BWP = "BWP"
    BYR = "BYR"
    BZD = "BZD"
    CAD = "CAD"
    CDF = "CDF"
    CHE = "CHE"
    CHF = "CHF"
    CHW = "CHW"
    CLF = "CLF"
    CLP = "CLP"
    CNY = "CNY"
    COP = "COP"
    COU = "COU"
    CRC = "CRC"
    CUC = "CUC"
    CUP = "CUP"
    CVE = "CVE"
    CZK = "CZK"
    DJF = "DJF"
    DKK = "DKK"
    DOP = "DOP"
    DZD = "DZD"
    EGP = "EGP"
    ERN = "ERN"
    ETB = "ETB"
    EUR = "EUR"
    FJD = "FJD"
    FKP = "FKP"
    GBP = "GBP"
    GEL = "GEL"
    GHS = "GHS"
    GIP = "GIP"
    GMD = "GMD"
    GNF = "GNF"
    GTQ = "GTQ"
    GYD = "GYD"
    HKD = "HKD"
    HNL = "HNL"
    HRK = "HRK"
    HTG = "HTG"
    HUF = "HUF"
    IDR = "IDR"
    ILS = "ILS"
    INR = "INR"
    IQD = "IQD"
    IRR = "IRR"
    ISK = "ISK"
    JMD = "JMD"
    JOD = "JOD"
    JPY = "JPY"
    KES = "KES"
    KGS = "KGS"
    KHR = "KHR"
    KMF = "KMF"
    KPW = "KPW"
    KRW = "KRW"
    KWD = "KWD"
    KYD = "KYD"
    KZT = "KZT"
    LAK = "LAK"
    LBP = "LBP"
    LKR = "LKR"
    LRD = "LRD"
    LSL = "LSL"
    LYD = "LYD"
    MAD = "MAD"
    MDL = "MDL"
    MGA = "MGA"
    MKD = "MKD"
    MMK = "MMK"
    MNT = "MNT"
    MOP = "MOP"
    MRO = "MRO"
    MUR = "MUR"
    MVR = "MVR"
    MWK = "MWK"
    MXN = "MXN"
    MXV = "MXV"
    MYR = "MYR"
    MZN = "MZN"
    NAD = "NAD"
    NGN = "NGN"
    NIO = "NIO"
    NOK = "NOK"
    NPR = "NPR"
    NZD = "NZD"
    OMR = "OMR"
    PAB = "PAB"
    PEN = "PEN"
    PGK = "PGK"
    PHP = "PHP"
    PKR = "PKR"
    PLN = "PLN"
    PYG = "PYG"
    QAR = "QAR"
    RON = "RON"
    RSD = "RSD"
    RUB = "RUB"
    RWF = "RWF"
    SAR = "SAR"
    SBD = "SBD"
    SCR = "SCR"
    SDG = "SDG"
    SEK = "SEK"
    SGD = "SGD"
    SHP = "SHP"
    SLL = "SLL"
    SOS = "SOS"
    SRD = "SRD"
    SSP = "SSP"
    STD = "STD"
    SVC = "SVC"
    SYP = "SYP"
    SZL = "SZL"
    THB = "THB"
    TJS = "TJS"
    TMT = "TMT"
    TND = "TND"
    TOP = "TOP"
    TRY = "TRY"
    TTD = "TTD"
    TWD = "TWD"
    TZS = "TZS"
    UAH = "UAH"
    UGX = "UGX"
    USD = "USD"
    USN = "USN"
    UYI = "UYI"
    UYU = "UYU"
    UZS = "UZS"
    VEF = "VEF"
    VND = "VND"
    VUV = "VUV"
    WST = "WST"
    XAF = "XAF"
    XAG = "XAG"
    XAU = "XAU"
    XBA = "XBA"
    XBB = "XBB"
    XBC = "XBC"
    XBD = "XBD"
    XCD = "XCD"
    XDR = "XDR"
    XOF = "XOF"
    XPD = "XPD"
    XPF = "XPF"
    XPT = "XPT"
    XSU = "XSU"
    XTS = "XTS"
    XUA = "XUA"
    XXX = "XXX"
    YER = "YER"
    ZAR = "ZAR"
    ZMW = "ZMW"
    ZWL = "ZWL"


class ScopeType:
    """Values of ``ScopeTypeEnumType``."""

    AC = "ac"
    AC_COS_PHI_GRID = "acCosPhiGrid"
    AC_CURRENT_A = "acCurrentA"
    AC_CURRENT_B = "acCurrentB"
    AC_CURRENT_C = "acCurrentC"
    AC_FREQUENCY_GRID = "acFrequencyGrid"
    AC_POWER_A = "acPowerA"
    AC_POWER_B = "acPowerB"
    AC_POWER_C = "acPowerC"
    AC_POWER_LIMIT_PCT = "acPowerLimitPct"
    AC_POWER_TOTAL = "acPowerTotal"
    AC_VOLTAGE_A = "acVoltageA"
    AC_VOLTAGE_B = "acVoltageB"
    AC_VOLTAGE_C = "acVoltageC"
    AC_YIELD_DAY = "acYieldDay"
    AC_YIELD_TOTAL = "acYieldTotal"
    DC_CURRENT = "dcCurrent"
    DC_POWER = "dcPower"
    DC_STRING1 = "dcString1"
    DC_STRING2 = "dcString2"
    DC_STRING3 = "dcString3"
    DC_STRING4 = "dcString4"
    DC_STRING5 = "dcString5"
    DC_STRING6 = "dcString6"
    DC_TOTAL = "dcTotal"
    DC_VOLTAGE = "dcVoltage"
    DHW_TEMPERATURE = "dhwTemperature"
    FLOW_TEMPERATURE = "flowTemperature"
    OUTSIDE_AIR_TEMPERATURE = "outsideAirTemperature"
    RETURN_TEMPERATURE = "returnTemperature"
    ROOM_AIR_TEMPERATURE = "roomAirTemperature"
    CHARGE = "charge"
    STATE_OF_CHARGE = "stateOfCharge"
    DISCHARGE = "discharge"
    GRID_CONSUMPTION = "gridConsumption"
    GRID_FEED_IN = "gridFeedIn"
    SELF_CONSUMPTION = "selfConsumption"
    OVERLOAD_PROTECTION = "overloadProtection"
    AC_POWER = "acPower"
    AC_ENERGY = "acEnergy"
    AC_CURRENT = "acCurrent"
    AC_VOLTAGE = "acVoltage"
    BATTERY_CONTROL = "batteryControl"
    SIMPLE_INCENTIVE_TABLE = "simpleIncentiveTable"
    STATE_OF_HEALTH = "stateOfHealth"
    TRAVEL_RANGE = "travelRange"
    NOMINAL_ENERGY_CAPACITY = "nominalEnergyCapacity"
    AC_POWER_REAL = "acPowerReal"
    AC_POWER_APPARENT = "acPowerApparent"
    AC_POWER_REACTIVE = "acPowerReactive"
    AC_YIELD_MONTH = "acYieldMonth"
    AC_YIELD_YEAR = "acYieldYear"
    AC_FREQUENCY = "acFrequency"
    AC_COS_PHI = "acCosPhi"
    DC_ENERGY = "dcEnergy"
    INSULATION_RESISTANCE = "insulationResistance"
    STATE_OF_ENERGY = "stateOfEnergy"
    USEABLE_CAPACITY = "useableCapacity"
    DC_CHARGE_ENERGY = "dcChargeEnergy"
    DC_DISCHARGE_ENERGY = "dcDischargeEnergy"
    LOAD_CYCLE_COUNT = "loadCycleCount"
    COMPONENT_TEMPERATURE = "componentTemperature"
    GRID_LIMIT = "gridLimit"
    GRID_LIMIT_FALLBACK = "gridLimitFallback"
    AC_POWER_APPARENT_TOTAL = "acPowerApparentTotal"
    AC_POWER_REACTIVE_TOTAL = "acPowerReactiveTotal"
    AC_CURRENT_TOTAL = "acCurrentTotal"
    AC_ENERGY_CONSUMED = "acEnergyConsumed"
    AC_ENERGY_PRODUCED = "acEnergyProduced"
    BATTERY_AC_POWER = "batteryAcPower"
    BATTERY_AC_POWER_PHASE_SPECIFIC = "batteryAcPowerPhaseSpecific"
    BATTERY_DC_POWER = "batteryDcPower"
    PCC_POWER = "pccPower"
    ACTIVE_POWER_LIMIT = "activePowerLimit"
    ACTIVE_POWER_LIMIT_PERCENTAGE = "activePowerLimitPercentage"
    SIMPLE_COMMITTED_INCENTIVE_TABLE = "simpleCommittedIncentiveTable"
    SIMPLE_PRELIMINARY_INCENTIVE_TABLE = "simplePreliminaryIncentiveTable"
    COMMITTED_POWER_PLAN = "committedPowerPlan"
    PRELIMINARY_POWER_PLAN = "preliminaryPowerPlan"
    INCENTIVE_TABLE_EN_CONS_WITH_PO_ETF = "incentiveTableEnConsWithPoETF"
    INCENTIVE_TABLE_EN_PROD_WITH_PO_ETF = "incentiveTableEnProdWithPoETF"
    INCENTIVE_TABLE_EN_CONS_WITH_PO_E = "incentiveTableEnConsWithPoE"
    INCENTIVE_TABLE_EN_PROD_WITH_PO_E = "incentiveTableEnProdWithPoE"
    INCENTIVE_TABLE_EN_CONS_WITH_TF = "incentiveTableEnConsWithTF"
    INCENTIVE_TABLE_EN_PROD_WITH_TF = "incentiveTableEnProdWithTF"
    ACTIVE_POWER_FORECAST = "activePowerForecast"


class Role:
    """Values of ``RoleType``."""

    CLIENT = "client"
    SERVER = "server"
    SPECIAL = "special"


class DeviceType:
    """Values of ``DeviceTypeEnumType``."""

    DISHWASHER = "Dishwasher"
    DRYER = "Dryer"
    ENVIRONMENT_SENSOR = "EnvironmentSensor"
    GENERIC = "Generic"
    HEAT_GENERATION_SYSTEM = "HeatGenerationSystem"
    HEAT_SINK_SYSTEM = "HeatSinkSystem"
    HEAT_STORAGE_SYSTEM = "HeatStorageSystem"
    HVAC_CONTROLLER = "HVACController"
    SUB_METER = "SubMeter"
    WASHER = "Washer"
    ELECTRICITY_SUPPLY_SYSTEM = "ElectricitySupplySystem"
    ENERGY_MANAGEMENT_SYSTEM = "EnergyManagementSystem"
    INVERTER = "Inverter"
    CHARGING_STATION = "ChargingStation"


class EntityType:
    """Values of ``EntityTypeEnumType``."""

    BATTERY = "Battery"
    COMPRESSOR = "Compressor"
    DEVICE_INFORMATION = "DeviceInformation"
    DHW_CIRCUIT = "DHWCircuit"
    DHW_STORAGE = "DHWStorage"
    DISHWASHER = "Dishwasher"
    DRYER = "Dryer"
    ELECTRICAL_IMMERSION_HEATER = "ElectricalImmersionHeater"
    FAN = "Fan"
    GAS_HEATING_APPLIANCE = "GasHeatingAppliance"
    GENERIC = "Generic"
    HEATING_BUFFER_STORAGE = "HeatingBufferStorage"
    HEATING_CIRCUIT = "HeatingCircuit"
    HEATING_OBJECT = "HeatingObject"
    HEATING_ZONE = "HeatingZone"
    HEAT_PUMP_APPLIANCE = "HeatPumpAppliance"
    HEAT_SINK_CIRCUIT = "HeatSinkCircuit"
    HEAT_SOURCE_CIRCUIT = "HeatSourceCircuit"
    HEAT_SOURCE_UNIT = "HeatSourceUnit"
    HVAC_CONTROLLER = "HVACController"
    HVAC_ROOM = "HVACRoom"
    INSTANT_DHW_HEATER = "InstantDHWHeater"
    INVERTER = "Inverter"
    OIL_HEATING_APPLIANCE = "OilHeatingAppliance"
    PUMP = "Pump"
    REFRIGERANT_CIRCUIT = "RefrigerantCircuit"
    SMART_ENERGY_APPLIANCE = "SmartEnergyAppliance"
    SOLAR_DHW_STORAGE = "SolarDHWStorage"
    SOLAR_THERMAL_CIRCUIT = "SolarThermalCircuit"
    SUB_METER_ELECTRICITY = "SubMeterElectricity"
    TEMPERATURE_SENSOR = "TemperatureSensor"
    WASHER = "Washer"
    BATTERY_SYSTEM = "BatterySystem"
    ELECTRICITY_GENERATION_SYSTEM = "ElectricityGenerationSystem"
    ELECTRICITY_STORAGE_SYSTEM = "ElectricityStorageSystem"
    GRID_CONNECTION_POINT_OF_PREMISES = "GridConnectionPointOfPremises"
    HOUSEHOLD = "Household"
    PV_SYSTEM = "PVSystem"
    EV = "EV"
    EVSE = "EVSE"
    CHARGING_OUTLET = "ChargingOutlet"
    CEM = "CEM"
    PV = "PV"
    PVES_HYBRID = "PVESHybrid"
    ELECTRICAL_STORAGE = "ElectricalStorage"
    PV_STRING = "PVString"
    GRID_GUARD = "GridGuard"
    CONTROLLABLE_SYSTEM = "ControllableSystem"


class FeatureType:
    """Values of ``FeatureTypeEnumType``."""

    ACTUATOR_LEVEL = "ActuatorLevel"
    ACTUATOR_SWITCH = "ActuatorSwitch"
    ALARM = "Alarm"
    DATA_TUNNELING = "DataTunneling"
    DEVICE_CLASSIFICATION = "DeviceClassification"
    DEVICE_DIAGNOSIS = "DeviceDiagnosis"
    DIRECT_CONTROL = "DirectControl"
    ELECTRICAL_CONNECTION = "ElectricalConnection"
    GENERIC = "Generic"
    HVAC = "HVAC"
    LOAD_CONTROL = "LoadControl"
    MEASUREMENT = "Measurement"
    MESSAGING = "Messaging"
    NETWORK_MANAGEMENT = "NetworkManagement"
    NODE_MANAGEMENT = "NodeManagement"
    OPERATING_CONSTRAINTS = "OperatingConstraints"
    POWER_SEQUENCES = "PowerSequences"
    SENSING = "Sensing"
    SETPOINT = "Setpoint"
    SMART_ENERGY_MANAGEMENT_PS = "SmartEnergyManagementPs"
    TASK_MANAGEMENT = "TaskManagement"
    THRESHOLD = "Threshold"
    TIME_INFORMATION = "TimeInformation"
    TIME_TABLE = "TimeTable"
    DEVICE_CONFIGURATION = "DeviceConfiguration"
    SUPPLY_CONDITION = "SupplyCondition"
    TIME_SERIES = "TimeSeries"
    TARIFF_INFORMATION = "TariffInformation"
    INCENTIVE_TABLE = "IncentiveTable"
    BILL = "Bill"
    IDENTIFICATION = "Identification"
    STATE_INFORMATION = "StateInformation"


class FeatureDirectControlSpecificUsage:
    """Values of ``FeatureDirectControlSpecificUsageEnumType``."""

    HISTORY = "History"
    REAL_TIME = "RealTime"


class FeatureHvacSpecificUsage:
    """Values of ``FeatureHvacSpecificUsageEnumType``."""

    OPERATION_MODE = "OperationMode"
    OVERRUN = "Overrun"


class FeatureMeasurementSpecificUsage:
    """Values of ``FeatureMeasurementSpecificUsageEnumType``."""

    CONTACT = "Contact"
    ELECTRICAL = "Electrical"
    HEAT = "Heat"
    LEVEL = "Level"
    PRESSURE = "Pressure"
    TEMPERATURE = "Temperature"


class FeatureSetpointSpecificUsage(FeatureMeasurementSpecificUsage):
    """Values of ``FeatureSetpointSpecificUsageEnumType``."""


class FeatureSmartEnergyManagementPsSpecificUsage:
    """Values of ``FeatureSmartEnergyManagementPsSpecificUsageEnumType``."""

    FIXED_FORECAST = "FixedForecast"
    FLEXIBLE_CHOSEN_FORECAST = "FlexibleChosenForecast"
    FLEXIBLE_OPTIONAL_FORECAST = "FlexibleOptionalForecast"
    OPTIONAL_SEQUENCE_BASED_IMMEDIATE_CONTROL = "OptionalSequenceBasedImmediateControl"


class FeatureSpecificUsage(
    FeatureDirectControlSpecificUsage,
    FeatureHvacSpecificUsage,
    FeatureSetpointSpecificUsage,
    FeatureSmartEnergyManagementPsSpecificUsage,
):
    """Values of ``FeatureSpecificUsageEnumType``."""


class Function:
    """Values of ``FunctionEnumType``."""

    ACTUATOR_LEVEL_DATA = "actuatorLevelData"
    ACTUATOR_LEVEL_DESCRIPTION_DATA = "actuatorLevelDescriptionData"
    ACTUATOR_SWITCH_DATA = "actuatorSwitchData"
    ACTUATOR_SWITCH_DESCRIPTION_DATA = "actuatorSwitchDescriptionData"
    ALARM_LIST_DATA = "alarmListData"
    BINDING_MANAGEMENT_DELETE_CALL = "bindingManagementDeleteCall"
    BINDING_MANAGEMENT_ENTRY_LIST_DATA = "bindingManagementEntryListData"
    BINDING_MANAGEMENT_REQUEST_CALL = "bindingManagementRequestCall"
    DATA_TUNNELING_CALL = "dataTunnelingCall"
    DEVICE_CLASSIFICATION_MANUFACTURER_DATA = "deviceClassificationManufacturerData"
    DEVICE_CLASSIFICATION_USER_DATA = "deviceClassificationUserData"
    DEVICE_DIAGNOSIS_HEARTBEAT_DATA = "deviceDiagnosisHeartbeatData"
    DEVICE_DIAGNOSIS_SERVICE_DATA = "deviceDiagnosisServiceData"
    DEVICE_DIAGNOSIS_STATE_DATA = "deviceDiagnosisStateData"
    DIRECT_CONTROL_ACTIVITY_LIST_DATA = "directControlActivityListData"
    DIRECT_CONTROL_DESCRIPTION_DATA = "directControlDescriptionData"
    ELECTRICAL_CONNECTION_DESCRIPTION_LIST_DATA = "electricalConnectionDescriptionListData"
    ELECTRICAL_CONNECTION_PARAMETER_DESCRIPTION_LIST_DATA = (
        "electricalConnectionParameterDescriptionListData"
    )
    ELECTRICAL_CONNECTION_STATE_LIST_DATA = "electricalConnectionStateListData"
    HVAC_OPERATION_MODE_DESCRIPTION_LIST_DATA = "hvacOperationModeDescriptionListData"
    HVAC_OVERRUN_DESCRIPTION_LIST_DATA = "hvacOverrunDescriptionListData"
    HVAC_OVERRUN_LIST_DATA = "hvacOverrunListData"
    HVAC_SYSTEM_FUNCTION_DESCRIPTION_LIST_DATA = "hvacSystemFunctionDescriptionListData"
    HVAC_SYSTEM_FUNCTION_LIST_DATA = "hvacSystemFunctionListData"
    HVAC_SYSTEM_FUNCTION_OPERATION_MODE_RELATION_LIST_DATA = (
        "hvacSystemFunctionOperationModeRelationListData"
    )
    HVAC_SYSTEM_FUNCTION_POWER_SEQUENCE_RELATION_LIST_DATA = (
        "hvacSystemFunctionPowerSequenceRelationListData"
    )
    HVAC_SYSTEM_FUNCTION_SETPOINT_RELATION_LIST_DATA = "hvacSystemFunctionSetpointRelationListData"
    LOAD_CONTROL_EVENT_LIST_DATA = "loadControlEventListData"
    LOAD_CONTROL_STATE_LIST_DATA = "loadControlStateListData"
    MEASUREMENT_CONSTRAINTS_LIST_DATA = "measurementConstraintsListData"
    MEASUREMENT_DESCRIPTION_LIST_DATA = "measurementDescriptionListData"
    MEASUREMENT_LIST_DATA = "measurementListData"
    MEASUREMENT_THRESHOLD_RELATION_LIST_DATA = "measurementThresholdRelationListData"
    MESSAGING_LIST_DATA = "messagingListData"
    NETWORK_MANAGEMENT_ABORT_CALL = "networkManagementAbortCall"
    NETWORK_MANAGEMENT_ADD_NODE_CALL = "networkManagementAddNodeCall"
    NETWORK_MANAGEMENT_DEVICE_DESCRIPTION_LIST_DATA = "networkManagementDeviceDescriptionListData"
    NETWORK_MANAGEMENT_DISCOVER_CALL = "networkManagementDiscoverCall"
    NETWORK_MANAGEMENT_ENTITY_DESCRIPTION_LIST_DATA = "networkManagementEntityDescriptionListData"
    NETWORK_MANAGEMENT_FEATURE_DESCRIPTION_LIST_DATA = "networkManagementFeatureDescriptionListData"
    NETWORK_MANAGEMENT_JOINING_MODE_DATA = "networkManagementJoiningModeData"
    NETWORK_MANAGEMENT_MODIFY_NODE_CALL = "networkManagementModifyNodeCall"
    NETWORK_MANAGEMENT_PROCESS_STATE_DATA = "networkManagementProcessStateData"
    NETWORK_MANAGEMENT_REMOVE_NODE_CALL = "networkManagementRemoveNodeCall"
    NETWORK_MANAGEMENT_REPORT_CANDIDATE_DATA = "networkManagementReportCandidateData"
    NETWORK_MANAGEMENT_SCAN_NETWORK_CALL = "networkManagementScanNetworkCall"
    NODE_MANAGEMENT_BINDING_DATA = "nodeManagementBindingData"
    NODE_MANAGEMENT_BINDING_DELETE_CALL = "nodeManagementBindingDeleteCall"
    NODE_MANAGEMENT_BINDING_REQUEST_CALL = "nodeManagementBindingRequestCall"
    NODE_MANAGEMENT_DESTINATION_LIST_DATA = "nodeManagementDestinationListData"
    NODE_MANAGEMENT_DETAILED_DISCOVERY_DATA = "nodeManagementDetailedDiscoveryData"
    NODE_MANAGEMENT_SUBSCRIPTION_DATA = "nodeManagementSubscriptionData"
    NODE_MANAGEMENT_SUBSCRIPTION_DELETE_CALL = "nodeManagementSubscriptionDeleteCall"
    NODE_MANAGEMENT_SUBSCRIPTION_REQUEST_CALL = "nodeManagementSubscriptionRequestCall"
    OPERATING_CONSTRAINTS_DURATION_LIST_DATA = "operatingConstraintsDurationListData"
    OPERATING_CONSTRAINTS_INTERRUPT_LIST_DATA = "operatingConstraintsInterruptListData"
    OPERATING_CONSTRAINTS_POWER_DESCRIPTION_LIST_DATA = (
        "operatingConstraintsPowerDescriptionListData"
    )
    OPERATING_CONSTRAINTS_POWER_LEVEL_LIST_DATA = "operatingConstraintsPowerLevelListData"
    OPERATING_CONSTRAINTS_POWER_RANGE_LIST_DATA = "operatingConstraintsPowerRangeListData"
    OPERATING_CONSTRAINTS_RESUME_IMPLICATION_LIST_DATA = (
        "operatingConstraintsResumeImplicationListData"
    )
    POWER_SEQUENCE_ALTERNATIVES_RELATION_LIST_DATA = "powerSequenceAlternativesRelationListData"
    POWER_SEQUENCE_DESCRIPTION_LIST_DATA = "powerSequenceDescriptionListData"
    POWER_SEQUENCE_NODE_SCHEDULE_INFORMATION_DATA = "powerSequenceNodeScheduleInformationData"
    POWER_SEQUENCE_PRICE_CALCULATION_REQUEST_CALL = "powerSequencePriceCalculationRequestCall"
    POWER_SEQUENCE_PRICE_LIST_DATA = "powerSequencePriceListData"
    POWER_SEQUENCE_SCHEDULE_CONFIGURATION_REQUEST_CALL = (
        "powerSequenceScheduleConfigurationRequestCall"
    )
    POWER_SEQUENCE_SCHEDULE_CONSTRAINTS_LIST_DATA = "powerSequenceScheduleConstraintsListData"
    POWER_SEQUENCE_SCHEDULE_LIST_DATA = "powerSequenceScheduleListData"
    POWER_SEQUENCE_SCHEDULE_PREFERENCE_LIST_DATA = "powerSequenceSchedulePreferenceListData"
    POWER_SEQUENCE_STATE_LIST_DATA = "powerSequenceStateListData"
    POWER_TIME_SLOT_SCHEDULE_CONSTRAINTS_LIST_DATA = "powerTimeSlotScheduleConstraintsListData"
    POWER_TIME_SLOT_SCHEDULE_LIST_DATA = "powerTimeSlotScheduleListData"
    POWER_TIME_SLOT_VALUE_LIST_DATA = "powerTimeSlotValueListData"
    RESULT_DATA = "resultData"
    SENSING_DESCRIPTION_DATA = "sensingDescriptionData"
    SENSING_LIST_DATA = "sensingListData"
    SESSION_IDENTIFICATION_LIST_DATA = "sessionIdentificationListData"
    SESSION_MEASUREMENT_RELATION_LIST_DATA = "sessionMeasurementRelationListData"
    SETPOINT_CONSTRAINTS_LIST_DATA = "setpointConstraintsListData"
    SETPOINT_DESCRIPTION_LIST_DATA = "setpointDescriptionListData"
    SETPOINT_LIST_DATA = "setpointListData"
    SMART_ENERGY_MANAGEMENT_PS_CONFIGURATION_REQUEST_CALL = (
        "smartEnergyManagementPsConfigurationRequestCall"
    )
    SMART_ENERGY_MANAGEMENT_PS_DATA = "smartEnergyManagementPsData"
    SMART_ENERGY_MANAGEMENT_PS_PRICE_CALCULATION_REQUEST_CALL = (
        "smartEnergyManagementPsPriceCalculationRequestCall"
    )
    SMART_ENERGY_MANAGEMENT_PS_PRICE_DATA = "smartEnergyManagementPsPriceData"
    SPECIFICATION_VERSION_LIST_DATA = "specificationVersionListData"
    SUBSCRIPTION_MANAGEMENT_DELETE_CALL = "subscriptionManagementDeleteCall"
    SUBSCRIPTION_MANAGEMENT_ENTRY_LIST_DATA = "subscriptionManagementEntryListData"
    SUBSCRIPTION_MANAGEMENT_REQUEST_CALL = "subscriptionManagementRequestCall"
    SUPPLY_CONDITION_DESCRIPTION_LIST_DATA = "supplyConditionDescriptionListData"
    SUPPLY_CONDITION_LIST_DATA = "supplyConditionListData"
    SUPPLY_CONDITION_THRESHOLD_RELATION_LIST_DATA = "supplyConditionThresholdRelationListData"
    TASK_MANAGEMENT_JOB_DESCRIPTION_LIST_DATA = "taskManagementJobDescriptionListData"
    TASK_MANAGEMENT_JOB_LIST_DATA = "taskManagementJobListData"
    TASK_MANAGEMENT_JOB_RELATION_LIST_DATA = "taskManagementJobRelationListData"
    TASK_MANAGEMENT_OVERVIEW_DATA = "taskManagementOverviewData"
    THRESHOLD_CONSTRAINTS_LIST_DATA = "thresholdConstraintsListData"
    THRESHOLD_DESCRIPTION_LIST_DATA = "thresholdDescriptionListData"
    THRESHOLD_LIST_DATA = "thresholdListData"
    TIME_DISTRIBUTOR_DATA = "timeDistributorData"
    TIME_DISTRIBUTOR_ENQUIRY_CALL = "timeDistributorEnquiryCall"
    TIME_INFORMATION_DATA = "timeInformationData"
    TIME_PRECISION_DATA = "timePrecisionData"
    TIME_TABLE_CONSTRAINTS_LIST_DATA = "timeTableConstraintsListData"
    TIME_TABLE_DESCRIPTION_LIST_DATA = "timeTableDescriptionListData"
    TIME_TABLE_LIST_DATA = "timeTableListData"
    DEVICE_CONFIGURATION_KEY_VALUE_CONSTRAINTS_LIST_DATA = (
        "deviceConfigurationKeyValueConstraintsListData"
    )
    DEVICE_CONFIGURATION_KEY_VALUE_LIST_DATA = "deviceConfigurationKeyValueListData"
    DEVICE_CONFIGURATION_KEY_VALUE_DESCRIPTION_LIST_DATA = (
        "deviceConfigurationKeyValueDescriptionListData"
    )
    LOAD_CONTROL_LIMIT_CONSTRAINTS_LIST_DATA = "loadControlLimitConstraintsListData"
    LOAD_CONTROL_LIMIT_DESCRIPTION_LIST_DATA = "loadControlLimitDescriptionListData"
    LOAD_CONTROL_LIMIT_LIST_DATA = "loadControlLimitListData"
    LOAD_CONTROL_NODE_DATA = "loadControlNodeData"
    TIME_SERIES_CONSTRAINTS_LIST_DATA = "timeSeriesConstraintsListData"
    TIME_SERIES_DESCRIPTION_LIST_DATA = "timeSeriesDescriptionListData"
    TIME_SERIES_LIST_DATA = "timeSeriesListData"
    TARIFF_OVERALL_CONSTRAINTS_DATA = "tariffOverallConstraintsData"
    TARIFF_LIST_DATA = "tariffListData"
    TARIFF_BOUNDARY_RELATION_LIST_DATA = "tariffBoundaryRelationListData"
    TARIFF_TIER_RELATION_LIST_DATA = "tariffTierRelationListData"
    TARIFF_DESCRIPTION_LIST_DATA = "tariffDescriptionListData"
    TIER_BOUNDARY_LIST_DATA = "tierBoundaryListData"
    TIER_BOUNDARY_DESCRIPTION_LIST_DATA = "tierBoundaryDescriptionListData"
    COMMODITY_LIST_DATA = "commodityListData"
    TIER_LIST_DATA = "tierListData"
    TIER_INCENTIVE_RELATION_LIST_DATA = "tierIncentiveRelationListData"
    TIER_DESCRIPTION_LIST_DATA = "tierDescriptionListData"
    INCENTIVE_LIST_DATA = "incentiveListData"
    INCENTIVE_DESCRIPTION_LIST_DATA = "incentiveDescriptionListData"
    INCENTIVE_TABLE_DATA = "incentiveTableData"
    INCENTIVE_TABLE_DESCRIPTION_DATA = "incentiveTableDescriptionData"
    INCENTIVE_TABLE_CONSTRAINTS_DATA = "incentiveTableConstraintsData"
    ELECTRICAL_CONNECTION_PERMITTED_VALUE_SET_LIST_DATA = (
        "electricalConnectionPermittedValueSetListData"
    )
    USE_CASE_INFORMATION_LIST_DATA = "useCaseInformationListData"
    NODE_MANAGEMENT_USE_CASE_DATA = "nodeManagementUseCaseData"
    BILL_CONSTRAINTS_LIST_DATA = "billConstraintsListData"
    BILL_DESCRIPTION_LIST_DATA = "billDescriptionListData"
    BILL_LIST_DATA = "billListData"
    IDENTIFICATION_LIST_DATA = "identificationListData"
    MEASUREMENT_SERIES_LIST_DATA = "measurementSeriesListData"
    ELECTRICAL_CONNECTION_CHARACTERISTIC_LIST_DATA = "electricalConnectionCharacteristicListData"
    STATE_INFORMATION_LIST_DATA = "stateInformationListData"


class TimePeriodType(Structure):
    start_time: str | None = None
    end_time: str | None = None


class TimePeriodElementsType(Structure):
    start_time: ElementTag | None = None
    end_time: ElementTag | None = None


class TimestampIntervalType(Structure):
    start_time: str | None = None
    end_time: str | None = None


class DaysOfWeekType(Structure):
    monday: ElementTag | None = None
    tuesday: ElementTag | None = None
    wednesday: ElementTag | None = None
    thursday: ElementTag | None = None
    friday: ElementTag | None = None
    saturday: ElementTag | None = None
    sunday: ElementTag | None = None


class AbsoluteOrRecurringTimeType(Structure):
    date_time: str | None = None
    month: str | None = None  # Month
    day_of_month: Integer | None = None
    calendar_week: Integer | None = None
    day_of_week_occurrence: str | None = None  # Occurrence
    days_of_week: DaysOfWeekType | None = None
    time: str | None = None
    relative: str | None = None


class AbsoluteOrRecurringTimeElementsType(Structure):
    date_time: ElementTag | None = None
    month: ElementTag | None = None
    day_of_month: ElementTag | None = None
    calendar_week: ElementTag | None = None
    day_of_week_occurrence: ElementTag | None = None
    days_of_week: ElementTag | None = None
    time: ElementTag | None = None
    relative: ElementTag | None = None


class RecurrenceInformationType(Structure):
    recurring_interval: str | None = None  # RecurringInterval
    recurring_interval_step: Integer | None = None
    first_execution: str | None = None
    execution_count: Integer | None = None
    last_execution: str | None = None


class RecurrenceInformationElementsType(Structure):
    recurring_interval: ElementTag | None = None
    recurring_interval_step: ElementTag | None = None
    first_execution: ElementTag | None = None
    execution_count: ElementTag | None = None
    last_execution: ElementTag | None = None


class ScaledNumberType(Structure):
    number: Integer | None = None
    scale: Integer | None = None


class ScaledNumberRangeType(Structure):
    min: ScaledNumberType | None = None
    max: ScaledNumberType | None = None


class ScaledNumberElementsType(Structure):
    number: ElementTag | None = None
    scale: ElementTag | None = None


class ScaledNumberRangeElementsType(Structure):
    min: ScaledNumberElementsType | None = None
    max: ScaledNumberElementsType | None = None


class ScaledNumberSetType(Structure):
    value: list[ScaledNumberType] | None = None
    range: list[ScaledNumberRangeType] | None = None


class ScaledNumberSetElementsType(Structure):
    value: ScaledNumberElementsType | None = None
    range: ScaledNumberRangeElementsType | None = None


class DeviceAddressType(Structure):
    device: str | None = None


class DeviceAddressElementsType(Structure):
    device: ElementTag | None = None


class EntityAddressType(Structure):
    device: str | None = None
    entity: list[Integer] | None = None


class EntityAddressElementsType(Structure):
    device: ElementTag | None = None
    entity: ElementTag | None = None


class FeatureAddressType(Structure):
    device: str | None = None
    entity: list[Integer] | None = None
    feature: Integer | None = None


class FeatureAddressElementsType(Structure):
    device: ElementTag | None = None
    entity: ElementTag | None = None
    feature: ElementTag | None = None


class PossibleOperationsClassifierType(Structure):
    partial: ElementTag | None = None


class PossibleOperationsReadType(Structure):
    partial: ElementTag | None = None


class PossibleOperationsWriteType(Structure):
    partial: ElementTag | None = None


class PossibleOperationsType(Structure):
    read: PossibleOperationsReadType | None = None
    write: PossibleOperationsWriteType | None = None


class PossibleOperationsElementsType(Structure):
    read: ElementTag | None = None
    write: ElementTag | None = None


class FunctionPropertyType(Structure):
    function: str | None = None  # Function
    possible_operations: PossibleOperationsType | None = None


class FunctionPropertyElementsType(Structure):
    function: ElementTag | None = None
    possible_operations: PossibleOperationsElementsType | None = None
