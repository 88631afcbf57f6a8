/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_rule.h -- for each row of rules.tbl what breaks it and what does not.
 *
 * Place and key of the rule, then pieces of JSON with ' for ": bad, good,
 * and where a rule has more sides, more of either.
 */
#ifndef TESTS_UNIT_FHIR_RULE_H
#define TESTS_UNIT_FHIR_RULE_H

#define UCUM	"'system':'http://unitsofmeasure.org'"

#define R(place, key, ...)	{ place, key, { __VA_ARGS__ } }

static const struct sample {
	const char	*place, *key;
	const char	*text[4];	/* bad, good, bad, good; or NULL */
} samples[] = {
	R("Extension", "ext-1", "{'url':'u'}", "{'url':'u','valueCode':'a'}",
	  "{'valueCode':'a','extension':[{'url':'u'}]}",
	  "{'extension':[{'url':'u'}]}"),
	R("Quantity", "qty-3", "{'code':'mg'}", "{'code':'mg'," UCUM "}",
	  NULL, "{'value':1}"),
	R("Age", "qty-3", "{'code':'a'}", "{'code':'a'," UCUM "}"),
	R("Age", "age-1", "{'value':4}", "{'value':4,'code':'a'," UCUM "}",
	  "{'value':-4,'code':'a'," UCUM "}", "{" UCUM "}"),
	R("Count", "qty-3", "{'code':'1'}", "{'code':'1'," UCUM "}"),
	R("Count", "cnt-1", "{'value':4.0,'code':'1'," UCUM "}",
	  "{'value':4,'code':'1'," UCUM "}", "{'code':'2'," UCUM "}",
	  "{'unit':'x'}"),
	R("Distance", "qty-3", "{'code':'m'}", "{'code':'m'," UCUM "}"),
	R("Distance", "dis-1", "{'value':4}", "{'value':4,'code':'m'}",
	  "{'system':'http://snomed.info/sct'}"),
	R("Duration", "qty-3", "{'code':'h'}", "{'code':'h'," UCUM "}"),
	R("Duration", "drt-1", "{'value':4}", "{'value':4,'code':'h'}",
	  "{'code':'h','system':'http://snomed.info/sct'}"),
	R("Money", "qty-3", "{'code':'EUR'}",
	  "{'code':'EUR','system':'urn:iso:std:iso:4217'}"),
	R("Money", "mny-1", "{'value':4}", "{'value':4,'code':'EUR'}",
	  "{'value':4,'code':'EUR'," UCUM "}"),
	R("SimpleQuantity", "qty-3", "{'code':'m'}", "{'code':'m'," UCUM "}"),
	R("SimpleQuantity", "sqty-1", "{'comparator':'<','value':1}",
	  "{'value':1}"),
	R("Attachment", "att-1", "{'data':'YQ=='}",
	  "{'data':'YQ==','contentType':'text/plain'}"),
	R("ContactPoint", "cpt-2", "{'value':'1'}",
	  "{'value':'1','system':'phone'}",
	  "{'_value':{'extension':[{'url':'u','valueCode':'x'}]}}"),
	R("Period", "per-1", "{'start':'2015-03-02','end':'2015-03-01'}",
	  "{'start':'2015-03-02','end':'2015-03'}",
	  "{'start':'2015-03-02T10:00:00+02:00','end':'2015-03-02T07:59:59Z'}",
	  "{'start':'2015-03-02T10:00:00+02:00','end':'2015-03-02T08:00:00Z'}"),
	R("Range", "rng-2", "{'low':{'value':2.1},'high':{'value':2}}",
	  "{'low':{'value':2.0},'high':{'value':2}}",
	  "{'low':{'value':10},'high':{'value':9}}",
	  "{'low':{'value':-2}}"),
	R("Ratio", "rat-1", "{'numerator':{'value':1}}",
	  "{'numerator':{'value':1},'denominator':{'value':1}}",
	  "{'denominator':{'value':1},'extension':[{'url':'u'}]}",
	  "{'extension':[{'url':'u'}]}"),
	R("Timing.repeat", "tim-1", "{'duration':1}",
	  "{'duration':1,'durationUnits':'h'}"),
	R("Timing.repeat", "tim-2", "{'period':1}",
	  "{'period':1,'periodUnits':'d'}"),
	R("Timing.repeat", "tim-3", "{'when':'AC','frequency':1}",
	  "{'when':'AC'}", "{'when':'AC','period':1}", "{'frequency':1}"),
	R("Timing.repeat", "tim-6", "{'periodMax':1}",
	  "{'periodMax':1,'period':1}"),
	R("Timing.repeat", "tim-7", "{'durationMax':1}",
	  "{'durationMax':1,'duration':1}"),
	R("Timing.repeat.duration", "tim-4", "-1", "0", "-0.001", "1.5"),
	R("Timing.repeat.period", "tim-5", "-1", "0", "-0.001", "1.5"),
	R("ElementDefinition", "eld-2", "{'min':2,'max':'1'}",
	  "{'min':2,'max':'2'}", "{'min':10,'max':'9'}",
	  "{'min':2,'max':'*'}"),
	R("ElementDefinition", "eld-5", "{'nameReference':'a','fixedCode':'b'}",
	  "{'nameReference':'a'}"),
	R("ElementDefinition", "eld-6", "{'fixedCode':'b'}",
	  "{'fixedCode':'b','type':[{'code':'code'}]}",
	  "{'fixedCode':'b','type':[{'code':'code'},{'code':'uri'}]}"),
	R("ElementDefinition", "eld-7", "{'patternCode':'b'}",
	  "{'patternCode':'b','type':[{'code':'code'}]}",
	  "{'patternCode':'b','type':[{'code':'code'},{'code':'uri'}]}"),
	R("ElementDefinition", "eld-8", "{'patternCode':'b','fixedCode':'b'}",
	  "{'patternCode':'b'}"),
	R("ElementDefinition", "eld-11",
	  "{'binding':{'strength':'example'},'type':[{'code':'date'}]}",
	  "{'binding':{'strength':'example'},'type':[{'code':'uri'}]}",
	  NULL, "{'binding':{'strength':'example'}}"),
	R("ElementDefinition", "eld-13", "{'type':[{'code':'a','profile':"
	  "['p','q']},{'code':'a','profile':['q']}]}",
	  "{'type':[{'code':'a','profile':['p','p']},{'code':'b','profile':"
	  "['p']}]}", NULL, "{'type':[{'code':'a'},{'code':'a'}]}"),
	R("ElementDefinition", "eld-14", "{'constraint':[{'key':'a'},{'key':"
	  "'b'},{'key':'a'}]}", "{'constraint':[{'key':'a'},{'key':'A'}]}"),
	R("ElementDefinition", "eld-15",
	  "{'defaultValueCode':'a','meaningWhenMissing':'b'}",
	  "{'meaningWhenMissing':'b'}"),
	R("ElementDefinition.slicing", "eld-1", "{'rules':'open'}",
	  "{'discriminator':['a']}", NULL, "{'description':'a'}"),
	R("ElementDefinition.max", "eld-3", "'1a'", "'1'", "'-1'", "'*'"),
	R("ElementDefinition.type", "eld-4",
	  "{'code':'uri','aggregation':['bundled']}",
	  "{'code':'Reference','aggregation':['bundled']}"),
	R("ElementDefinition.binding", "eld-10", "{'strength':'example'}",
	  "{'description':'a'}", NULL, "{'valueSetUri':'http://a'}"),
	R("ElementDefinition.binding.valueSetUri", "eld-12", "'urn:a'",
	  "'http://a'", "'httpx'", "'https://a'"),
	R("Appointment", "app-2", "{'start':'2015'}",
	  "{'start':'2015','end':'2015'}", "{'end':'2015'}", "{'id':'a'}"),
	R("Appointment", "app-3", "{'status':'booked'}",
	  "{'status':'proposed'}", "{'status':'booked','end':'2015'}",
	  "{'status':'booked','start':'2015','end':'2015'}"),
	R("Appointment.participant", "app-1", "{'status':'accepted'}",
	  "{'type':[{'text':'a'}]}", NULL, "{'actor':{'display':'a'}}"),
	R("AppointmentResponse", "apr-1", "{'id':'a'}",
	  "{'actor':{'display':'a'}}", NULL,
	  "{'participantType':[{'text':'a'}]}"),
	R("AuditEvent.object", "sev-1", "{'name':'a','query':'YQ=='}",
	  "{'name':'a'}", NULL, "{'query':'YQ=='}"),
	R("Bundle", "bdl-1", "{'total':1,'type':'batch'}",
	  "{'total':1,'type':'searchset'}", NULL,
	  "{'total':1,'type':'history'}"),
	R("Bundle", "bdl-2", "{'type':'batch','entry':[{'fullUrl':'a'},"
	  "{'search':{'mode':'match'}}]}",
	  "{'type':'searchset','entry':[{'search':{'mode':'match'}}]}"),
	R("Bundle", "bdl-3", "{'type':'document','entry':[{'request':{'url':"
	  "'a'}}]}", "{'type':'batch','entry':[{'request':{'url':'a'}}]}"),
	R("Bundle", "bdl-4", "{'type':'batch','entry':[{'response':{'status':"
	  "'a'}}]}", "{'type':'batch-response','entry':[{'response':{"
	  "'status':'a'}}]}"),
	R("Bundle", "bdl-7", "{'entry':[{'fullUrl':'a','resource':{'id':'1'}}"
	  ",{'fullUrl':'a','resource':{'id':'2'}}]}",
	  "{'entry':[{'fullUrl':'a','resource':{'id':'1'}},{'fullUrl':'b',"
	  "'resource':{'id':'2'}}]}",
	  "{'entry':[{'fullUrl':'a','resource':{'meta':{'versionId':'1'}}},{"
	  "'fullUrl':'a','resource':{'meta':{'versionId':'1'}}}]}",
	  "{'entry':[{'fullUrl':'a','resource':{'meta':{'versionId':'1'}}},{"
	  "'fullUrl':'a','resource':{'meta':{'versionId':'2'}}}]}"),
	R("Bundle.entry", "bdl-5", "{'fullUrl':'a'}",
	  "{'response':{'status':'a'}}", NULL, "{'resource':{'id':'a'}}"),
	R("Bundle.entry", "bdl-6", "{'fullUrl':'a'}",
	  "{'fullUrl':'a','resource':{'id':'a'}}",
	  "{'resource':{'id':'a'}}", "{'request':{'url':'a'}}"),
	R("CarePlan.activity", "cpl-3", "{'detail':{'description':'a'},"
	  "'reference':{'display':'a'}}", "{'reference':{'display':'a'}}"),
	R("Composition.section", "cmp-1", "{'title':'a'}",
	  "{'section':[{'title':'a'}]}", NULL, "{'text':{'div':'a'}}"),
	R("Composition.section", "cmp-2", "{'emptyReason':{'text':'a'},"
	  "'entry':[{'display':'a'}]}", "{'emptyReason':{'text':'a'}}"),
	R("ConceptMap.element.target", "cmd-1", "{'equivalence':'narrower'}",
	  "{'equivalence':'equal'}", "{'equivalence':'inexact'}",
	  "{'equivalence':'narrower','comments':'a'}"),
	R("Condition.stage", "con-1", "{'id':'a'}", "{'summary':{'text':'a'}}",
	  NULL, "{'assessment':[{'display':'a'}]}"),
	R("Condition.evidence", "con-2", "{'id':'a'}", "{'code':{'text':'a'}}",
	  NULL, "{'detail':[{'display':'a'}]}"),
	R("Conformance", "cnf-1", "{'kind':'instance'}",
	  "{'rest':[{'mode':'server'}]}"),
	R("Conformance", "cnf-2", "{'kind':'instance'}",
	  "{'description':'a'}", NULL, "{'software':{'name':'a'}}"),
	R("Conformance", "cnf-3", "{'kind':'capability','messaging':[{"
	  "'endpoint':[{'address':'a'}]}]}", "{'kind':'instance','messaging':"
	  "[{'endpoint':[{'address':'a'}]}]}"),
	R("Conformance", "cnf-7", "{'document':[{'mode':'producer','profile':{"
	  "'reference':'a'}},{'mode':'producer','profile':{'reference':'a'}}]}",
	  "{'document':[{'mode':'producer','profile':{'reference':'a'}},{"
	  "'mode':'consumer','profile':{'reference':'a'}}]}"),
	R("Conformance", "cnf-8", "{'rest':[{'mode':'server'},{'mode':"
	  "'server'}]}", "{'rest':[{'mode':'server'},{'mode':'client'}]}"),
	R("Conformance", "cnf-14", "{'kind':'requirements','software':{'name':"
	  "'a'}}", "{'kind':'requirements'}", "{'kind':'requirements',"
	  "'implementation':{'description':'a'}}"),
	R("Conformance", "cnf-15", "{'kind':'capability','implementation':{"
	  "'description':'a'}}", "{'kind':'instance','implementation':{"
	  "'description':'a'}}"),
	R("Conformance.rest", "cnf-9", "{'resource':[{'type':'Patient'},"
	  "{'type':'Patient'}]}", "{'resource':[{'type':'Patient'},"
	  "{'type':'Person'}]}"),
	R("Conformance.rest.resource", "cnf-12", "{'searchParam':[{'name':'a'}"
	  ",{'name':'a'}]}", "{'searchParam':[{'name':'a'},{'name':'b'}]}"),
	R("Conformance.rest.resource.searchParam", "cnf-13",
	  "{'type':'token','chain':['a']}",
	  "{'type':'reference','chain':['a']}"),
	R("DataElement.element", "dae-1", "{'base':{'path':'a'}}",
	  "{'path':'a'}"),
	R("DataElement.element", "dae-2", "{'slicing':{'rules':'open'}}",
	  "{'path':'a'}"),
	R("FamilyMemberHistory", "fhs-1", "{'ageString':'a','bornDate':"
	  "'2015'}", "{'ageString':'a'}", NULL, "{'bornString':'a'}"),
	R("Group", "grp-1", "{'actual':false,'member':[{'inactive':false}]}",
	  "{'actual':true,'member':[{'inactive':false}]}", NULL,
	  "{'actual':false}"),
	R("Immunization", "imm-1", "{'wasNotGiven':true,'reaction':[{'date':"
	  "'2015'}]}", "{'wasNotGiven':false,'reaction':[{'date':'2015'}]}",
	  "{'wasNotGiven':true,'explanation':{'reason':[{'text':'a'}]}}",
	  "{'wasNotGiven':true,'explanation':{'reasonNotGiven':[{'text':'a'}"
	  "]}}"),
	R("Immunization", "imm-2", "{'wasNotGiven':false,'explanation':{"
	  "'reasonNotGiven':[{'text':'a'}]}}", "{'wasNotGiven':true,"
	  "'explanation':{'reasonNotGiven':[{'text':'a'}]}}"),
	R("List", "lst-1", "{'emptyReason':{'text':'a'},'entry':[{'item':{"
	  "'display':'a'}}]}", "{'emptyReason':{'text':'a'}}"),
	R("List", "lst-2", "{'mode':'working','entry':[{'deleted':true}]}",
	  "{'mode':'changes','entry':[{'deleted':true}]}"),
	R("Media", "mda-1", "{'type':'audio','height':1}",
	  "{'type':'photo','height':1}"),
	R("Media", "mda-2", "{'type':'audio','width':1}",
	  "{'type':'video','width':1}"),
	R("Media", "mda-3", "{'type':'video','frames':1}",
	  "{'type':'photo','frames':1}"),
	R("Media", "mda-4", "{'type':'photo','duration':1}",
	  "{'type':'audio','duration':1}"),
	R("MedicationAdministration", "mad-2", "{'wasNotGiven':false,"
	  "'reasonNotGiven':[{'text':'a'}]}", "{'wasNotGiven':true,"
	  "'reasonNotGiven':[{'text':'a'}]}"),
	R("MedicationAdministration", "mad-3", "{'wasNotGiven':true,"
	  "'reasonGiven':[{'text':'a'}]}", "{'wasNotGiven':false,"
	  "'reasonGiven':[{'text':'a'}]}"),
	R("MedicationAdministration.dosage", "mad-1", "{'text':'a'}",
	  "{'quantity':{'value':1}}", NULL,
	  "{'rateRange':{'low':{'value':1}}}"),
	R("MedicationDispense", "mdd-1", "{'whenPrepared':'2015-02-02',"
	  "'whenHandedOver':'2015-02-01'}", "{'whenPrepared':'2015-02-02',"
	  "'whenHandedOver':'2015-02-02'}"),
	R("MedicationStatement", "mst-1", "{'wasNotTaken':false,"
	  "'reasonNotTaken':[{'text':'a'}]}", "{'wasNotTaken':true,"
	  "'reasonNotTaken':[{'text':'a'}]}"),
	R("MedicationStatement", "mst-2", "{'wasNotTaken':true,"
	  "'reasonForUseReference':{'display':'a'}}", "{'wasNotTaken':false,"
	  "'reasonForUseReference':{'display':'a'}}"),
	R("NamingSystem", "nsd-1", "{'kind':'root','uniqueId':[{'type':'oid'},"
	  "{'type':'uuid'}]}", "{'kind':'root','uniqueId':[{'type':'oid'}]}",
	  NULL, "{'kind':'codesystem','uniqueId':[{'type':'uuid'}]}"),
	R("NamingSystem", "nsd-2", "{'uniqueId':[{'type':'oid','preferred':"
	  "true},{'type':'oid','preferred':true}]}", "{'uniqueId':[{'type':"
	  "'oid','preferred':true},{'type':'oid','preferred':false},{'type':"
	  "'oid'},{'type':'uri','preferred':true}]}"),
	R("NamingSystem", "nsd-3", "{'status':'active','replacedBy':{'display':"
	  "'a'}}", "{'status':'retired','replacedBy':{'display':'a'}}"),
	R("NutritionOrder", "nor-1", "{'id':'a'}", "{'oralDiet':{'instruction':"
	  "'a'}}"),
	R("Observation", "obs-6", "{'valueQuantity':{'value':1},"
	  "'dataAbsentReason':{'text':'a'}}",
	  "{'dataAbsentReason':{'text':'a'}}"),
	R("Observation", "obs-7", "{'code':{'coding':[{'system':'s','code':'a'"
	  "},{'system':'s','code':'b'}]},'component':[{'code':{'coding':[{"
	  "'system':'s','code':'c'}]}},{'code':{'coding':[{'system':'s',"
	  "'code':'a'}]}}]}", "{'code':{'coding':[{'system':'s','code':'a'}]"
	  "},'component':[{'code':{'coding':[{'system':'t','code':'a'}]}},{"
	  "'code':{'coding':[{'code':'a'}]}}]}"),
	R("Observation.referenceRange", "obs-3", "{'meaning':{'text':'a'}}",
	  "{'low':{'value':1}}", NULL, "{'text':'a'}"),
	R("OperationDefinition.parameter", "opd-1", "{'name':'a'}",
	  "{'type':'code'}", NULL, "{'part':[{'name':'a'}]}"),
	R("Order.when", "ord-1", "{'id':'a'}", "{'code':{'text':'a'}}",
	  "{'code':{'text':'a'},'schedule':{'event':['2015']}}",
	  "{'schedule':{'event':['2015']}}"),
	R("Organization", "org-1", "{'active':true}", "{'name':'a'}", NULL,
	  "{'identifier':[{'value':'a'}]}"),
	R("Organization.address", "org-2", "{'use':'home'}", "{'use':'work'}"),
	R("Organization.telecom", "org-3", "{'use':'home'}", "{'use':'work'}"),
	R("Parameters.parameter", "inv-1", "{'name':'a'}",
	  "{'name':'a','valueCode':'a'}",
	  "{'valueCode':'a','resource':{'id':'a'}}",
	  "{'part':[{'name':'a'}]}"),
	R("Parameters.parameter.part", "inv-2", "{'name':'a'}",
	  "{'name':'a','valueCode':'a'}",
	  "{'valueCode':'a','resource':{'id':'a'}}", "{'resource':{'id':'a'}}"),
	R("Patient.contact", "pat-1", "{'gender':'male'}",
	  "{'name':{'text':'a'}}", NULL, "{'organization':{'display':'a'}}"),
	R("Procedure", "pro-1", "{'reasonNotPerformed':[{'text':'a'}]}",
	  "{'notPerformed':true,'reasonNotPerformed':[{'text':'a'}]}",
	  "{'notPerformed':false,'reasonNotPerformed':[{'text':'a'}]}"),
	R("Questionnaire", "que-2", "{'group':{'linkId':'1','question':[{"
	  "'linkId':'2','group':[{'linkId':'1'}]}]}}",
	  "{'group':{'linkId':'1','group':[{'linkId':'2'},{'text':'a'},{"
	  "'text':'a'}]}}"),
	R("Questionnaire", "que-3", "{'group':{'required':false}}",
	  "{'group':{'required':true}}", "{'group':{'text':'a'}}"),
	R("Questionnaire.group", "que-1", "{'group':[{'text':'a'}],'question':["
	  "{'text':'a'}]}", "{'group':[{'text':'a'}]}"),
	R("Questionnaire.group.question", "que-4", "{'options':{'display':'a'}"
	  ",'option':[{'code':'a'}]}", "{'option':[{'code':'a'}]}"),
	R("QuestionnaireResponse.group", "qrs-1", "{'group':[{'text':'a'}],"
	  "'question':[{'text':'a'}]}", "{'question':[{'text':'a'}]}"),
	R("RiskAssessment.prediction.probabilityRange", "ras-1",
	  "{'low':{'value':1,'code':'1'," UCUM "}}",
	  "{'low':{'value':1,'code':'%'," UCUM "}}",
	  "{'high':{'value':1,'code':'%'}}", "{'id':'a'}"),
	R("RiskAssessment.prediction.probabilityDecimal", "ras-2", "100.01",
	  "100.0"),
	R("SearchParameter", "spd-1", "{'xpath':'a'}",
	  "{'xpath':'a','xpathUsage':'normal'}"),
	R("StructureDefinition", "sdf-1", "{'snapshot':{'element':[{'path':'A'"
	  "},{'path':'A.b'},{'path':'A.b'}]}}", "{'snapshot':{'element':[{"
	  "'path':'A'},{'path':'A.b'}]}}", NULL, "{'constrainedType':'A',"
	  "'snapshot':{'element':[{'path':'A.b'},{'path':'A.b'}]}}"),
	R("StructureDefinition", "sdf-4", "{'abstract':false}",
	  "{'abstract':true}", NULL, "{'abstract':false,'base':'http://a'}"),
	R("StructureDefinition", "sdf-5", "{'constrainedType':'Extension'}",
	  "{'constrainedType':'Extension','contextType':'resource','context':"
	  "['Patient']}", "{'constrainedType':'Extension','context':['Patient"
	  "']}", "{'constrainedType':'Patient'}"),
	R("StructureDefinition", "sdf-6", "{'id':'a'}", "{'snapshot':{"
	  "'element':[{'path':'A'}]}}", NULL, "{'differential':{'element':[{"
	  "'path':'A'}]}}"),
	R("StructureDefinition", "sdf-7", "{'id':'a','url':'http://hl7.org/"
	  "fhir/StructureDefinition/b'}", "{'id':'a','url':'http://hl7.org/"
	  "fhir/StructureDefinition/a'}", "{'id':'a','url':'http://a/a'}",
	  "{'constrainedType':'a','url':'http://a/a'}"),
	R("StructureDefinition", "sdf-8", "{'snapshot':{'element':[{'path':'A'"
	  "},{'path':'Ab.c'}]}}", "{'snapshot':{'element':[{'path':'A'},{"
	  "'path':'A.c'}]}}", "{'differential':{'element':[{'path':'A'},{"
	  "'path':'A'}]}}"),
	R("StructureDefinition", "sdf-9", "{'snapshot':{'element':[{'path':'A'"
	  ",'label':'a'}]}}", "{'snapshot':{'element':[{'path':'A.b','label':"
	  "'a'}]}}", "{'differential':{'element':[{'path':'A','requirements':"
	  "'a'}]}}", "{'differential':{'element':[{'path':'A'}]}}"),
	R("StructureDefinition", "sdf-10", "{'constrainedType':'Patient'}",
	  "{'constrainedType':'Patient','base':'http://a'}", NULL,
	  "{'abstract':true,'constrainedType':'Patient'}"),
	R("StructureDefinition", "sdf-11", "{'constrainedType':'Patient',"
	  "'snapshot':{'element':[{'path':'Person'},{'path':'Patient'}]}}",
	  "{'constrainedType':'Patient','snapshot':{'element':[{'path':"
	  "'Patient'}]}}"),
	R("StructureDefinition", "sdf-12", "{'snapshot':{'element':[{'path':'A"
	  "','base':{'path':'A'}}]}}", "{'base':'http://a','snapshot':{"
	  "'element':[{'path':'A','base':{'path':'A'}}]}}",
	  "{'differential':{'element':[{'base':{'path':'A'}}]}}"),
	R("StructureDefinition", "sdf-13", "{'constrainedType':'A','snapshot':"
	  "{'element':[{'base':{'path':'A'}},{'path':'A.b'}]}}",
	  "{'constrainedType':'A','snapshot':{'element':[{'base':{'path':'A'"
	  "}}]}}", NULL, "{'snapshot':{'element':[{'path':'A.b'}]}}"),
	R("StructureDefinition.mapping", "sdf-2", "{'identity':'a'}",
	  "{'name':'a'}", NULL, "{'uri':'http://a'}"),
	R("StructureDefinition.snapshot", "sdf-3", "{'element':[{'definition':"
	  "'a','min':0,'max':'1'},{'definition':'a','min':0}]}",
	  "{'element':[{'definition':'a','min':0,'max':'1'}]}"),
	R("TestScript.metadata", "inv-5", "{'capability':[{'description':'a'}]"
	  "}", "{'capability':[{'required':true}]}", NULL,
	  "{'capability':[{'validated':true}]}"),
	R("TestScript.variable", "inv-4", "{'headerField':'a','path':'b'}",
	  "{'path':'b'}"),
	R("TestScript.setup.metadata", "inv-6", "{'capability':[{'description'"
	  ":'a'}]}", "{'capability':[{'required':true}]}"),
	R("TestScript.setup.action", "inv-1", "{'id':'a'}",
	  "{'operation':{'url':'a'}}",
	  "{'operation':{'url':'a'},'assert':{'path':'a'}}",
	  "{'assert':{'path':'a'}}"),
	R("TestScript.setup.action.operation", "inv-10", "{'label':'a'}",
	  "{'sourceId':'a'}", "{'targetId':'a','url':'b'}",
	  "{'type':{'code':'search'}}"),
	R("TestScript.setup.action.assert", "inv-8",
	  "{'path':'a','response':'okay'}", "{'path':'a'}",
	  "{'contentType':'json','minimumId':'a'}", "{'label':'a'}"),
	R("TestScript.setup.action.assert", "inv-13",
	  "{'compareToSourceId':'a'}",
	  "{'compareToSourceId':'a','compareToSourcePath':'b'}",
	  "{'compareToSourcePath':'b'}", "{'label':'a'}"),
	R("TestScript.test.metadata", "inv-7", "{'capability':[{'description'"
	  ":'a'}]}", "{'capability':[{'required':true}]}"),
	R("TestScript.test.action", "inv-2", "{'id':'a'}",
	  "{'operation':{'url':'a'}}",
	  "{'operation':{'url':'a'},'assert':{'path':'a'}}"),
	R("TestScript.test.action.operation", "inv-11", "{'label':'a'}",
	  "{'url':'a'}", "{'params':'a','url':'b'}",
	  "{'type':{'code':'history'}}"),
	R("TestScript.test.action.assert", "inv-9",
	  "{'path':'a','response':'okay'}", "{'path':'a'}"),
	R("TestScript.test.action.assert", "inv-14",
	  "{'compareToSourceId':'a'}",
	  "{'compareToSourceId':'a','compareToSourcePath':'b'}"),
	R("TestScript.teardown.action", "inv-3", "{'id':'a'}",
	  "{'operation':{'url':'a'}}"),
	R("TestScript.teardown.action.operation", "inv-12", "{'params':'a'}",
	  "{'params':'a','resource':'Patient'}", "{'targetId':'a','url':'b'}",
	  "{'url':'b'}"),
	R("ValueSet", "vsd-2", "{'compose':{'import':['http://a']}}",
	  "{'compose':{'import':['http://a','http://b']}}", NULL,
	  "{'compose':{'import':['http://a'],'exclude':[{'system':'a'}]}}"),
	R("ValueSet", "vsd-5", "{'id':'a'}", "{'expansion':{'timestamp':'2015'"
	  "}}"),
	R("ValueSet", "vsd-7", "{'url':'http://a','codeSystem':{'system':"
	  "'http://a'}}", "{'url':'http://a','codeSystem':{'system':'http://b'"
	  "}}", NULL, "{'codeSystem':{'system':'http://b'}}"),
	R("ValueSet.codeSystem", "vsd-3", "{'concept':[{'code':'a','concept':["
	  "{'code':'b'}]},{'code':'b'}]}", "{'concept':[{'code':'a','concept'"
	  ":[{'code':'b','designation':[{'use':{'code':'a'}}]}]}]}"),
	R("ValueSet.codeSystem", "vsd-8", "{'concept':[{'code':'a'},{'code':"
	  "'a'}]}", "{'concept':[{'code':'a'},{'code':'b'}]}"),
	R("ValueSet.compose", "vsd-1", "{'exclude':[{'system':'a'}]}",
	  "{'include':[{'system':'a'}]}"),
	R("ValueSet.compose.include", "vsd-11", "{'concept':[{'code':'a'}],"
	  "'filter':[{'op':'='}]}", "{'filter':[{'op':'='}]}"),
	R("ValueSet.expansion.contains", "vsd-6", "{'system':'a'}",
	  "{'code':'a'}", NULL, "{'display':'a'}"),
	R("ValueSet.expansion.contains", "vsd-9", "{'display':'a'}",
	  "{'display':'a','abstract':true}", "{'abstract':false}",
	  "{'code':'a'}"),
	R("ValueSet.expansion.contains", "vsd-10", "{'code':'a'}",
	  "{'code':'a','system':'b'}")
};

#endif
