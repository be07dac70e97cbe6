import 'bootstrap-italia/dist/plugins/init.js'
import 'htmx.org/dist/htmx.esm.js'
import './styles/main.scss'
import { guardForms } from './guard-forms.js'
import { keepPlace } from './keep-place.js'

guardForms(document)
keepPlace(document)
